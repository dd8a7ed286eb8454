(defpackage :p (:use :common-lisp) (:nicknames :q) (:export #:f))
(defpackage :q (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () 1)
