;;; An index beyond the end.
(defun third-of (vector)
  (aref vector 3))

(print (handler-case (third-of #(1 2 3)) (error () :error)))
(third-of (vector 1 2 3))
