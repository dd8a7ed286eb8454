;;; hope: the host waits for an answer
;;; expect: run
;;; calls:
(y-or-n-p "Wipe?")
