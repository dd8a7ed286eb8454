;;; hope: the clock is a channel
;;; expect: run
;;; calls:
(get-universal-time)
