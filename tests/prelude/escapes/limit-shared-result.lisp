;;; hope: a result is small here and larger than any memory there
;;; expect: run
;;; calls:
(let ((list 1))
  (dotimes (i 60 list) (setq list (list list list))))
