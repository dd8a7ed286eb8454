(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () 1)
(defun car (x) x)
