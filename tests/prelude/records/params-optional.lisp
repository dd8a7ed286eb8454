(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f (a &optional b (c 1) (d 2 d-given-p)) (list a b c d d-given-p))
(defun g (&optional a) a)
