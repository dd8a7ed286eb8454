;;; hope: a loop binds what LET may not
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(dolist (vault:*sample* '(1)) (vault:note vault:*sample*))
