(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (list &optional (count (length list)) (first (car list))) (list count first))
