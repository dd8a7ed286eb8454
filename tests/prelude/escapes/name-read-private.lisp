;;; hope: the reader at run time makes a private symbol
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (read-from-string "vault::wipe"))
