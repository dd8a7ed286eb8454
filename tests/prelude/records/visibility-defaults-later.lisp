;; It does not matter where a declaration stands.
(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f () 1)
(defun g () 1)
(declaim (clysm:export p:f :visibility :prompt))
(declaim (clysm:export-defaults "P" :visibility :discoverable))
