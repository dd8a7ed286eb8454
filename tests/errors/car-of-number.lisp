;;; CAR of a number.
(defun first-of (x)
  (car x))

(print (handler-case (first-of 42) (type-error (c) (list (type-error-datum c) (type-error-expected-type c)))))
(first-of 42)
