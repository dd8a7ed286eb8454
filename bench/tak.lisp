;;; The Takeuchi function, without declarations.
(defun tak (x y z)
  (if (not (< y x))
      z
      (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))

(defun bench ()
  (let ((sum 0))
    (dotimes (i 100 sum)
      (incf sum (tak 18 12 6)))))
