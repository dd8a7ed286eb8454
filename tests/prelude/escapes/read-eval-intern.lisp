;;; hope: the reader interns a private name
;;; expect: compile
;;; contains: vault
;;; calls:
(#.(intern "WIPE" "VAULT"))
