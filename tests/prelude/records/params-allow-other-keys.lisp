(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (a &key b &allow-other-keys) (list a b))
