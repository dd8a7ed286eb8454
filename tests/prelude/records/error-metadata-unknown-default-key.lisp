(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export-defaults :p :provider-ref "tool:x"))
(defun f () 1)
