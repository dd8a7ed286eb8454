;; Nobody contradicts it.
(defpackage :p (:use :common-lisp) (:export #:reads))
(in-package :p)
(declaim (clysm:export reads :effect :read))
(defun reads () (clysm:call-tool "r"))
