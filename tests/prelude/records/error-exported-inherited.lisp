;; Nobody but the standard defines it.
(defpackage :p (:use :common-lisp) (:export #:car))
