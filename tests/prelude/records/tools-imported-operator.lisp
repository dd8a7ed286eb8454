;; The package imports CALL-TOOL itself.
(defpackage :p (:use :common-lisp) (:import-from :clysm #:call-tool) (:export #:f #:literal))
(in-package :p)
(defun f () (call-tool "x"))
(defun literal () '(call-tool "x"))
