;;; A macro whose expansion fails.
(defmacro failing (x)
  (error "no expansion for ~S" x))

(print :before)
(defun f ()
  (failing :this))
