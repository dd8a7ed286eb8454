;;; hope: what LOAD reads is not analysed
;;; expect: run
;;; contains: maintain
;;; calls:
(with-input-from-string (stream "(vault:maintain)") (load stream))
