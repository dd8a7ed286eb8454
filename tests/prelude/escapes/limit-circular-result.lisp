;;; hope: the host follows a circle for ever
;;; expect: run
;;; calls:
(let ((list (list 1)))
  (setf (cdr list) list)
  list)
