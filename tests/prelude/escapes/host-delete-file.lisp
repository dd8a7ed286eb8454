;;; hope: files can be deleted
;;; expect: run
;;; calls:
(delete-file "/tmp/clysm-escape")
