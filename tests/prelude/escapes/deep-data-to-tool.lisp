;;; hope: nested data uses up the host's stack
;;; expect: run
;;; contains: deep
;;; calls:
(let ((list '()))
  (dotimes (i 100000) (setq list (list list)))
  (vault:note list))
