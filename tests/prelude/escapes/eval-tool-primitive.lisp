;;; hope: the evaluator knows the primitive behind a call of a tool
;;; expect: run
;;; contains: clysm
;;; calls:
(eval (read-from-string "(clysm::%tool.invoke \"wipe\" (clysm::%tool-arguments nil))"))
