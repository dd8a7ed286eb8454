;;; Both errors are reported, each with its position, and nothing is written.
(defun f (x)
  (return-from g x))

(defun fine (x) x)

(defun h ()
  (let))
