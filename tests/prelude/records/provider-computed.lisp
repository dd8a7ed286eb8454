(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (server) (clysm:call-upstream server "get_user"))
