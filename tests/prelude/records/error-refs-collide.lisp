;; Refs are in lower case: these two would be the same.
(defpackage :p (:use :common-lisp) (:export #:f #:|f|))
(in-package :p)
(defun f () 1)
(defun |f| () 2)
