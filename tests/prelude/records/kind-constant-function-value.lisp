;; A constant is one, even if its value is a function.
(defpackage :cfg (:use :common-lisp) (:export #:adder #:name))
(in-package :cfg)
(defun add (a b) (+ a b))
(defparameter adder #'add)
(defparameter name (lambda (id) (getf (clysm:call-tool "get_user" id) :name)))
