;; The effect is that of what it reaches; what it only requires is not called.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :requires ("tool:w")))
(defun f () (clysm:call-tool "r"))
