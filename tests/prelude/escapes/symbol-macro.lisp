;;; hope: a symbol macro makes a call that the text does not show
;;; expect: guard
;;; contains: wipe
;;; calls:
(define-symbol-macro innocent #.(list (find-symbol "MAINTAIN" :vault)))
(list innocent)
