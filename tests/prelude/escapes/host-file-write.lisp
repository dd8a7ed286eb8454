;;; hope: files of the host can be written
;;; expect: run
;;; calls:
(with-open-file (stream "/tmp/clysm-escape" :direction :output :if-exists :supersede) (print 1 stream))
