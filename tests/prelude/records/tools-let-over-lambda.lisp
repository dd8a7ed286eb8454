;; Helpers that share a variable.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(let ((count 0))
  (defun counted () (incf count) (clysm:call-tool "x" count)))
(defun f () (counted))
