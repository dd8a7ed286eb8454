;;; hope: a result is small here and larger than any memory there
;;; expect: run
;;; calls:
;;; pending: the host's conversion makes copies of what is shared
(let ((list 1))
  (dotimes (i 60 list) (setq list (list list list))))
