;;; hope: a parameter binds what LET may not
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(defun f (&optional (vault:*sample* 1)) vault:*sample*)
(f)
