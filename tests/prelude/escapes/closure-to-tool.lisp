;;; hope: a function reaches the host, which calls it when the guard has gone
;;; expect: run
;;; contains: type
;;; calls:
(vault:note (lambda () 1))
