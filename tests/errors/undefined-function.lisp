;;; A warning when F is compiled, a condition when it is called.
(defun f (x)
  (no-such-function x))

(print (handler-case (f 1) (undefined-function (c) (list :undefined (cell-error-name c)))))
(f 2)
