;;; hope: FORMATTER compiles the name away
;;; expect: guard
;;; contains: wipe
;;; calls:
(funcall (formatter "~/vault:maintain/") *standard-output* 1)
