;; No program runs yet, so no tool can be called.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () 1)
(clysm:call-tool "hello")
