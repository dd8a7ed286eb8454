(defpackage :p (:use :common-lisp) (:export #:f #:g))
(in-package :p)
(defun f (query &key limit (page 1) (sort :name sort-given-p)) (list query limit page sort sort-given-p))
(defun g (&key) nil)
