;;; It ends too early.
(defpackage :shop (:use :common-lisp) (:export #:buy))
(in-package :shop)
(defun buy (id
