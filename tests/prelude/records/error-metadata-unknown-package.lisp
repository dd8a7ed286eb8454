(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export-defaults :q :effect :read))
(defun f () 1)
