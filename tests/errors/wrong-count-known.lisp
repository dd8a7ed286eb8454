;;; A warning with the call and the definition, and a program-error when it is called.
(defun two (a b)
  (list a b))

(defun caller (x)
  (two x))

(print (handler-case (caller 1) (program-error () :program-error)))
(caller 1)
