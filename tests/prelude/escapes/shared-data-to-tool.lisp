;;; hope: shared data is small here and larger than any memory there
;;; expect: run
;;; calls:
(let ((list 1))
  (dotimes (i 60) (setq list (list list list)))
  (vault:note list))
