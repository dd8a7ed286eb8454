;;; hope: a handler binds what LET may not
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(handler-case (error "x") (error (vault:*sample*) vault:*sample*))
