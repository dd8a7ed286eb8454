;;; hope: output fills the host's disk
;;; expect: run
;;; contains: time limit
;;; calls:
(loop (print "x"))
