(defpackage :p (:use :common-lisp) (:export #:a))
(in-package :p)
(declaim (clysm:export-defaults :p :visibility :discoverable))
(defun a () 1)
