;;; hope: PROGV binds what LET may not
;;; expect: run
;;; contains: *sample*
;;; calls:
(progv (list (find-symbol "*SAMPLE*" :vault)) '(1) (vault:note 1))
