;;; hope: a structure of the same shape has accessors that fit the draft
;;; expect: run
;;; calls:
(declaim (optimize (safety 0) (speed 3)))
(defstruct mine text)
(setf (mine-text vault:*sample*) "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
