(defpackage :p (:use :common-lisp) (:export #:absent))
(in-package :p)
(declaim (clysm:export absent :effect :read))
(define-condition absent (error) ())
