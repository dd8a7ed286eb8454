;;; Division by zero.
(defun quotient (a b)
  (/ a b))

(print (handler-case (quotient 1 0) (division-by-zero () :division-by-zero)))
(quotient 1 0)
