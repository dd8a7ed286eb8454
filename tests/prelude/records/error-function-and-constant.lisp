;; A call could mean either.
(defpackage :p (:use :common-lisp) (:export #:a))
(in-package :p)
(defparameter a 1)
(defun a () 2)
