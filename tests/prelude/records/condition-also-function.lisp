;; A function whose name is a condition's too is an export like any other.
(defpackage :p (:use :common-lisp) (:export #:absent))
(in-package :p)
(declaim (clysm:export absent :visibility :discoverable))
(define-condition absent (error) ())
(defun absent (key)
  (clysm:call-tool "find" key))
