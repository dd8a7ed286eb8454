;;; hope: an object that changes later reaches the host
;;; expect: run
;;; contains: type
;;; calls:
(vault:note (make-hash-table))
