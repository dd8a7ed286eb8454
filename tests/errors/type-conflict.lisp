;;; Constants of a type that the function never takes: a warning, and a condition when it is called.
(defun f (list)
  (cons (+ 1 "2") (nth list 'a)))

(print (handler-case (f '(1)) (type-error (c) (type-error-datum c))))
