;;; hope: the host's directory is there under a name of its own
;;; expect: run
;;; calls:
(with-open-file (stream "../../../../etc/passwd") (read-line stream))
