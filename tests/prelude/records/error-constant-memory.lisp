(defpackage :p (:use :common-lisp) (:export #:+answer+))
(in-package :p)
(defparameter +answer+ (let ((all '())) (loop (push (make-array 100000) all))))
