(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defmacro answer () (loop))
(defun f () (answer))
