;;; hope: an inherited symbol is the program's own for the checks
;;; expect: guard
;;; contains: wipe
;;; calls:
(defpackage :mine (:use :common-lisp :vault))
(in-package :mine)
(maintain)
