;;; hope: the debugger is the host's
;;; expect: run
;;; calls:
(invoke-debugger (make-condition 'simple-error :format-control "x"))
