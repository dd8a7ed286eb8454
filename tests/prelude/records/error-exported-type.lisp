(defpackage :p (:use :common-lisp) (:export #:id))
(in-package :p)
(deftype id () '(integer 1))
