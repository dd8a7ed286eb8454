;; Nor can a prelude speak for the library.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export-defaults :common-lisp :effect :read))
(defun f () 1)
