(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :visibility :prompt :color :red))
(defun f () 1)
