;;; hope: the host follows a circle until its stack is used up
;;; expect: run
;;; calls:
(let ((list (list 1)))
  (setf (car list) list)
  (vault:note list))
