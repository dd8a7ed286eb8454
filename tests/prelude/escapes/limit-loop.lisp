;;; hope: the host waits for ever
;;; expect: run
;;; contains: time limit
;;; calls:
(loop)
