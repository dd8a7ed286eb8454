;;; hope: a draft is an array underneath
;;; expect: run
;;; calls:
(declaim (optimize (safety 0)))
(setf (svref (the simple-vector vault:*sample*) 2) "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
