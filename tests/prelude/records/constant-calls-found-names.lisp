;; What a constant finds by computed names is there when it is computed.
(defpackage :p (:use :common-lisp) (:export #:state))
(in-package :p)
(defun (setf place) (value) (list value))
(defmacro twice (form) `(list ,form ,form))
(defun one () 1)
(defparameter state
  (list (ignore-errors (funcall (find-symbol "ONE" :p)))
        (eval (list (find-symbol "TWICE" :p) 2))
        (funcall (fdefinition (list 'setf (find-symbol "PLACE" :p))) 3)))
(unless (equal state '(1 (2 2) (3))) (error "It is ~S." state))
