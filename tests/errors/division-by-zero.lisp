;;; Division by zero.
(defun ratio (a b)
  (/ a b))

(print (handler-case (ratio 1 0) (division-by-zero () :division-by-zero)))
(ratio 1 0)
