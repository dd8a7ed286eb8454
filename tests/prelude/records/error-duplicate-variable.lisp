(defpackage :p (:use :common-lisp) (:export #:a))
(in-package :p)
(defparameter a 1)
(defparameter a 2)
