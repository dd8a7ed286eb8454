;;; hope: the host waits
;;; expect: run
;;; calls:
(sleep 100000)
