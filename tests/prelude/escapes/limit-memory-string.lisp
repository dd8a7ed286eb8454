;;; hope: one string is larger than all there is
;;; expect: run
;;; calls:
(make-string 2000000000)
