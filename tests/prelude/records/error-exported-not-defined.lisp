(defpackage :p (:use :common-lisp) (:export #:f #:get-user))
(in-package :p)
(defun f () 1)
