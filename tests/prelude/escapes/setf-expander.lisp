;;; hope: a place makes a call that the text does not show
;;; expect: guard
;;; contains: wipe
;;; calls:
(define-setf-expander innocent ()
  (values '() '() '(value) (list (find-symbol "MAINTAIN" :vault)) '1))
(setf (innocent) 1)
