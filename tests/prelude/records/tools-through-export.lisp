(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f () (clysm:call-tool "x"))
(defun g () (f) (clysm:call-tool "y"))
