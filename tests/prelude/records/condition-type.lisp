;; A condition type has no record, the functions that read it have.
(defpackage :p (:use :common-lisp) (:export #:absent #:absent-key #:f))
(in-package :p)
(define-condition absent (error)
  ((key :initarg :key :reader absent-key))
  (:report (lambda (condition stream) (format stream "~S is not there." (absent-key condition)))))
(defun f (key)
  (or (clysm:call-tool "find" key) (error 'absent :key key)))
