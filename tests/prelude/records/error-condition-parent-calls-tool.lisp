(defpackage :p (:use :common-lisp) (:export #:absent))
(in-package :p)
(define-condition missing (error) ((place :initform (clysm:call-tool "place"))))
(define-condition absent (missing) ())
