;;; hope: files of the host can be read
;;; expect: run
;;; calls:
(with-open-file (stream "/etc/passwd") (read-line stream))
