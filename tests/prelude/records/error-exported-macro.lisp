(defpackage :p (:use :common-lisp) (:export #:with-user))
(in-package :p)
(defmacro with-user (&body body) `(progn ,@body))
