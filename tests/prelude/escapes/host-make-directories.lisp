;;; hope: directories can be made
;;; expect: run
;;; calls:
(ensure-directories-exist "/tmp/clysm-escape/x")
