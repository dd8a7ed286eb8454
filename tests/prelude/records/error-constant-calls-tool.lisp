(defpackage :p (:use :common-lisp) (:export #:+answer+))
(in-package :p)
(defun fetch () (clysm:call-tool "get_answer"))
(defparameter +answer+ (fetch))
