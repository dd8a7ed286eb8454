;;; hope: what the host's user types is run
;;; expect: run
;;; calls:
(eval (read))
