(defpackage :p (:use :common-lisp) (:export #:today))
(in-package :p)
(define-symbol-macro today (clysm:call-tool "today"))
