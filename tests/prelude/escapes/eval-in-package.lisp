;;; hope: EVAL changes the package for what is read after it
;;; expect: run
;;; contains: vault
;;; calls:
(eval (list 'in-package "VAULT"))
(eval (read-from-string "(wipe)"))
