;;; hope: what files there are can be found out
;;; expect: value or run
;;; calls:
(when (probe-file "/etc/passwd") (vault:note 1))
