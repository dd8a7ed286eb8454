;;; hope: the report of a refusal prints for ever
;;; expect: run
;;; calls:
(let ((list (list 1 2)))
  (setf (cddr list) list)
  (vault:note list))
