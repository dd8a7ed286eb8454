(defpackage :p (:use :common-lisp) (:export #:+answer+))
(in-package :p)
(defparameter +answer+
  (clysm:call-tool "get_answer"))
