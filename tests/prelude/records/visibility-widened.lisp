(defpackage :p (:use :common-lisp) (:export #:a))
(in-package :p)
(declaim (clysm:export a :visibility :discoverable))
(defun a () 1)
