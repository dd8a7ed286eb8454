;;; hope: the host follows a circle until its stack is used up
;;; expect: run
;;; calls:
(let ((vector (vector 1)))
  (setf (aref vector 0) vector)
  (vault:note vector))
