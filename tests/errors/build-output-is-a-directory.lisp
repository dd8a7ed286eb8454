;;; The program compiles, but the module cannot be written.
(defun f (x) x)
