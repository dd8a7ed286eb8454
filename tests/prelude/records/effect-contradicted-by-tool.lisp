;; It says that it only looks, and the policy says that its tool writes.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :effect :read))
(defun helper () (clysm:call-tool "set"))
(defun f () (helper))
