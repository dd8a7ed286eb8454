;;; hope: printing uses up the host's stack
;;; expect: run
;;; calls:
(let ((list '()))
  (dotimes (i 1000000) (setq list (list list)))
  (prin1-to-string list))
