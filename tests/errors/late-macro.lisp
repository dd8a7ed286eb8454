;;; A macro that is defined after its first use was compiled as a call.
(defun f (x)
  (twice x))

(defmacro twice (x) `(list ,x ,x))
