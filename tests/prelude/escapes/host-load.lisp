;;; hope: another program can be loaded
;;; expect: run
;;; calls:
(load "/tmp/clysm-escape.lisp")
