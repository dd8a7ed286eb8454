(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export))
(defun f () 1)
