;;; A warning when F is compiled, a condition when it is called.
(defun f ()
  (list no-such-variable))

(print (handler-case (f) (unbound-variable (c) (list :unbound (cell-error-name c)))))
(f)
