(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :provider-ref "crm/get_user"))
(defun f () 1)
