;;; Variables that are bound and not used, and one that is used though it is declared not to be: the program runs.
(defun f (x y)
  (let ((z 1))
    x))

(defun g (x)
  (declare (ignore x))
  x)

(defun quiet (x y #+nil z)
  (declare (ignore x) (ignorable y))
  (dolist (element '(1 2)) (princ :element))
  (dotimes (i 2) (princ i)))

(quiet 1 2)
