(defpackage :p (:use :common-lisp) (:export #:get-user))
(in-package :p)
(defun get-user () 1)
(defun helper () 1)
