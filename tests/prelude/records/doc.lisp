(defpackage :p (:use :common-lisp) (:export #:short #:long #:none #:only-a-string #:after-declaration #:with-quotes #:empty))
(in-package :p)
(defun short () "Says it all." 1)
(defun long (x)
  "Says something first.

Then says more of it,
  indented."
  x)
(defun none () 1)
(defun only-a-string () "This is the value.")
(defun after-declaration (x) (declare (ignore x)) "Comes later." 1)
(defun with-quotes () "Says \"a\\b\" — ü." 1)
(defun empty () "" 1)
