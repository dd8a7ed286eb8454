;; To signal a condition may be to report it.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(define-condition refused (error) ()
  (:report (lambda (condition stream) (declare (ignore condition)) (princ (clysm:call-tool "message") stream))))
(defun f () (error 'refused))
