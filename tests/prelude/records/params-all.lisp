(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (a b &optional (c 1) &rest r &key d (e 2) &aux (g 3)) (list a b c r d e g))
