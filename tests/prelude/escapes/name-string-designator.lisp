;;; hope: FUNCALL takes a string for a name
;;; expect: run
;;; calls:
(funcall "vault:maintain")
