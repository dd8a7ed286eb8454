;; &AUX takes no arguments.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (a &aux (b a) c) (list a b c))
