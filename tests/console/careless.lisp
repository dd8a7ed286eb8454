(defun f (x)
  (g x))

(defun h ()
  (car 1 2))
