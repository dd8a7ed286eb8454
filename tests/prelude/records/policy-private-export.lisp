(defpackage :p (:use :common-lisp) (:export #:get-user))
(in-package :p)
(defun get-user () (helper))
(defun helper () 1)
