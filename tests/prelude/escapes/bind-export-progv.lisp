;;; hope: PROGV binds what LET may not
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(progv '(vault:*sample*) '(1) (vault:note 1))
