(defpackage :p (:use :common-lisp) (:export #:+answer+))
(in-package :p)
(defun search-for-it (n) (loop (incf n)))
(defparameter +answer+ (search-for-it 0))
