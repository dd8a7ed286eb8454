;; Only its own body counts.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun helper () (clysm:call-upstream "audit" "log"))
(defun f (id) (helper) (clysm:call-upstream "crm" "get_user" id))
