;; It may call anything.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (name) (clysm:call-tool "r") (clysm:call-tool name))
