;; Somebody has to decide.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :effect :read))
(defun f () (clysm:call-tool "x"))
