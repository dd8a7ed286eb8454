;;; hope: an object of the library reaches the host
;;; expect: run
;;; contains: type
;;; calls:
(vault:note *package*)
