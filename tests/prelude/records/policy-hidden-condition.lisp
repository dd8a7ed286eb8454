(defpackage :p (:use :common-lisp) (:export #:absent #:f))
(in-package :p)
(define-condition absent (error) ())
(defun f (key) (error 'absent) key)
