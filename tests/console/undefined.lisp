;;; What it exports and calls is not there.
(defpackage :shop (:use :common-lisp) (:export #:buy #:sell))
(in-package :shop)

(defun buy (id)
  (bye id))
