;;; hope: the host follows a circle for ever
;;; expect: value
;;; contains: :REFUSED
;;; calls:
(let ((list (list 1 2)))
  (setf (cddr list) list)
  (handler-case (vault:note list)
    (type-error () :refused)))
