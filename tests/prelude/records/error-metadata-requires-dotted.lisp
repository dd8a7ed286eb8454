(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :requires ("tool:a" . "tool:b")))
(defun f () 1)
