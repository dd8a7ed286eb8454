;; They are told in the order of the text.
(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f () (one-that-is-not-there))
(declaim (clysm:export f :color :red))
(defun g () (another-that-is-not-there))
