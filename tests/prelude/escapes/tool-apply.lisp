;;; hope: APPLY hides the name
;;; expect: guard
;;; contains: call
;;; calls:
(apply #'clysm:call-tool '("wipe"))
