(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export-defaults "P" :effect :write))
(defun f () 1)
