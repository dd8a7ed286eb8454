(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun helper () (clysm:call-tool "x"))
(defun f () (funcall (load-time-value (lambda () (helper)))))
