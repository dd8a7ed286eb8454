;; A definition may not be replaced in other ways either.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () 1)
(setf (symbol-function 'f) (lambda () (clysm:call-tool "x")))
