;;; hope: an object of the prelude reaches the host
;;; expect: run
;;; contains: type
;;; calls:
(vault:note (list 1 (vector vault:*sample*)))
