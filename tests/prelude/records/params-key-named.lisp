;; What a caller has to write is shown, not the variable.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f (&key ((:page number) 1)) number)
