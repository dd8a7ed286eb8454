;;; hope: a result that is nested deeply uses up the host's stack
;;; expect: run
;;; contains: deep
;;; calls:
(let ((list '()))
  (dotimes (i 100000 list) (setq list (list list))))
