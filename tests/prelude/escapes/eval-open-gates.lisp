;;; hope: the evaluator can open the gates
;;; expect: run
;;; contains: clysm
;;; calls:
(eval (read-from-string "(clysm::%open-gates (list 'vault:maintain))"))
