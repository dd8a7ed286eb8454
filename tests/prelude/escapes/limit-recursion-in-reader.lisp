;;; hope: reading uses up the host's stack
;;; expect: run
;;; calls:
(read-from-string (make-string 10000000 :initial-element #\())
