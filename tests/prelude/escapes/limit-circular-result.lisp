;;; hope: the host follows a circle for ever
;;; expect: run
;;; calls:
;;; pending: the host's conversion of a circular list does not end
(let ((list (list 1)))
  (setf (cdr list) list)
  list)
