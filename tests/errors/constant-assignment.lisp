;;; A constant is assigned to.
(print :before)
(defun f ()
  (setq pi 3))
