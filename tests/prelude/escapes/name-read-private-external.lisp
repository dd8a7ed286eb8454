;;; hope: the reader at run time takes a private symbol for an external one
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (read-from-string "vault:wipe"))
