(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun clysm:call-tool (name &rest arguments) (list name arguments))
(defun f () 1)
