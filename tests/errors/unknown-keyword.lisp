;;; A keyword argument that the function does not have.
(defun f (&key a) a)
(print (handler-case (funcall #'f :a 1) (error () :error)))
(funcall #'f :b 1)
