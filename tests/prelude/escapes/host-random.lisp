;;; hope: the host's entropy is for everybody
;;; expect: value or run
;;; calls:
(random 10 (make-random-state t))
1
