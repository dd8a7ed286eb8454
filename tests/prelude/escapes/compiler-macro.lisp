;;; hope: a compiler macro makes a call that the text does not show
;;; expect: guard
;;; contains: wipe
;;; calls:
(defun innocent () 1)
(define-compiler-macro innocent () (list (find-symbol "MAINTAIN" :vault)))
(innocent)
