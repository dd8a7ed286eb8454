;; It would put private names into programs.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun helper (x) (clysm:call-tool "x" x))
(defun f (x) (helper x))
(define-compiler-macro f (x) `(helper ,x))
