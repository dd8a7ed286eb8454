;;; hope: the reader at run time makes the symbol of an export
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (read-from-string "vault:maintain"))
