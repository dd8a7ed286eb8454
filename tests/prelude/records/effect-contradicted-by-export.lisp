(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :effect :write))
(defun f () (clysm:call-tool "x"))
