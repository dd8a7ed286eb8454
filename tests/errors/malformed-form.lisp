;;; Special forms with the wrong shape.
(print :before)
(defun f (x)
  (if))
