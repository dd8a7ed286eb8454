;;; hope: the compiler still knows private names
;;; expect: run
;;; calls:
(funcall (compile nil (read-from-string "(lambda () (vault::wipe))")))
