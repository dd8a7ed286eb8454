;; Only who loads everything finds the function.
(defpackage :p (:use :common-lisp) (:export #:state))
(in-package :p)
(defun broken () (error "It is out of order."))
(defparameter state
  (let ((name (find-symbol "BROKEN" :p)))
    (if (fboundp name) (handler-case (funcall name) (control-error () 1)) 1)))
