(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f ()
  (list *limit*))
