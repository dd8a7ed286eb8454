(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export g :visibility :prompt))
(defun f () 1)
