;;; hope: the program ends the host
;;; expect: run
;;; calls:
(clysm:exit 0)
