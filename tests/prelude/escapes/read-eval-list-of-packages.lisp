;;; hope: the reader hands the prelude's package to the program
;;; expect: analysis or compile or run
;;; calls:
(funcall (intern "WIPE" '#.(find-package :vault)))
