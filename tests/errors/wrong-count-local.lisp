;;; A local function and one of the library, called with counts that they don't take.
(defun f (x)
  (flet ((two (a b) (list a b)))
    (two x)))

(defun g (x)
  (car x x))

(print (handler-case (f 1) (program-error () :program-error)))
(print (handler-case (g 1) (program-error () :program-error)))
