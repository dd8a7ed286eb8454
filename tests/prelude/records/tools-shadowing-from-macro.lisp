;; A macro's call of a helper means the local function where there is one: Common Lisp's macros are not hygienic.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun helper () (clysm:call-tool "x"))
(defmacro call-helper () '(helper))
(defun f () (flet ((helper () 1)) (call-helper)))
