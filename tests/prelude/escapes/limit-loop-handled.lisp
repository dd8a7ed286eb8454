;;; hope: a handler takes the limit for an error
;;; expect: run
;;; contains: time limit
;;; calls:
(loop (ignore-errors (handler-case (loop) (t () nil))))
