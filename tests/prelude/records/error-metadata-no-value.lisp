(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :effect))
(defun f () 1)
