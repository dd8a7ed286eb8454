;;; hope: without its value, a constant is nobody's
;;; expect: run
;;; contains: *sample*
;;; calls:
(makunbound (find-symbol "*SAMPLE*" :vault))
