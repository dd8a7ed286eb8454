(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f () (clysm:call-tool "b" 1) (clysm:call-tool "a") (clysm:call-tool "b" 2))
(defun g () 1)
