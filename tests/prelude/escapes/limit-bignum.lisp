;;; hope: arithmetic is not interrupted
;;; expect: run
;;; calls:
(integer-length (expt 3 (expt 10 9)))
