(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun show (stream argument colon at) (declare (ignore colon at)) (princ (clysm:call-tool "x" argument) stream))
(defun f (x) (format nil "<~/p::show/>" x))
