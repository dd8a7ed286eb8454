(defpackage :p (:use :common-lisp) (:export #:+answer+))
(in-package :p)
(defparameter +answer+
  (error "there is none"))
