;;; hope: EVAL expands a call of a tool that the guard has not seen
;;; expect: run
;;; contains: wipe
;;; calls:
(eval (read-from-string "(clysm:call-tool \"wipe\")"))
