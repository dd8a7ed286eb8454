;;; hope: a stream reaches the host
;;; expect: run
;;; contains: type
;;; calls:
(vault:note *standard-output*)
