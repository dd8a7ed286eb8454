;; What the reader computes is in the text as if it were written there.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defun f () (clysm:call-tool #.(concatenate 'string "a" "b")))
