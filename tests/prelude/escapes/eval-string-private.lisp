;;; hope: EVAL can name what the program may not
;;; expect: run
;;; contains: vault
;;; calls:
(eval (read-from-string "(vault::wipe)"))
