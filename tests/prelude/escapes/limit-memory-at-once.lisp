;;; hope: one array is larger than all there is
;;; expect: run
;;; calls:
(make-array (- array-dimension-limit 1))
