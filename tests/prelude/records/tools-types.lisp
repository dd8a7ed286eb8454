;; A test of a type may call functions.
(defpackage :p (:use :common-lisp) (:export #:direct #:named #:checked))
(in-package :p)
(defun valid-p (x) (clysm:call-tool "validate" x))
(deftype valid () '(satisfies valid-p))
(defun direct (x) (typep x '(satisfies valid-p)))
(defun named (x) (typep x 'valid))
(defun checked (x) (check-type x valid) x)
