;;; hope: a field of a thousand million columns
;;; expect: run
;;; calls:
(format nil "~1000000000D" 1)
