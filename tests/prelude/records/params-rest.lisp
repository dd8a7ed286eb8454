(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f (query &rest opts) (list query opts))
(defun g (&rest all) all)
