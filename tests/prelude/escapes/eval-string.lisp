;;; hope: a string is data, and EVAL makes it a call
;;; expect: run
;;; contains: maintain
;;; calls:
(eval (read-from-string "(vault:maintain)"))
