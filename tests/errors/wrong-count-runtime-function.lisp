;;; A runtime function with the wrong number of arguments does not compile.
(print :before)
(defun f (x)
  (clysm:ast-literal-value x 2))
