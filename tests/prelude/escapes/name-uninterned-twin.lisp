;;; hope: a symbol of the same name is as good
;;; expect: run
;;; contains: undefined
;;; calls:
(funcall (make-symbol "WIPE"))
