;;; The count is known only when the function is called.
(defun call (function &rest arguments)
  (apply function arguments))

(print (handler-case (call (lambda (x) x) 1 2) (program-error () :program-error)))
(call (lambda (x) x) 1 2)
