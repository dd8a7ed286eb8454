;; It does not matter what comes first.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () (helper))
(defun helper () (clysm:call-tool "x"))
