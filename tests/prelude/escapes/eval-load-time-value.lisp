;;; hope: LOAD-TIME-VALUE in EVAL runs somewhere else
;;; expect: run
;;; contains: maintain
;;; calls:
(eval `(load-time-value (,(find-symbol "MAINTAIN" :vault))))
