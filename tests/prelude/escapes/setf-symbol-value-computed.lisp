;;; hope: a constant that is not named gets another value
;;; expect: run
;;; contains: *sample*
;;; calls:
(set (find-symbol "*SAMPLE*" :vault) 1)
