;;; hope: a private helper is found by its name
;;; expect: run
;;; contains: undefined
;;; calls:
(funcall (find-symbol "WIPE" "VAULT"))
