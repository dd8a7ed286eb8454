;; Commands that enter themselves into a table when the prelude is loaded.
(defpackage :p (:use :common-lisp) (:export #:command))
(in-package :p)
(defvar *commands* (make-hash-table))
(defmacro define-command (name (&rest parameters) &body body)
  `(setf (gethash ',name *commands*) (lambda ,parameters ,@body)))
(define-command :get (id) (clysm:call-tool "get_user" id))
(define-command :delete (id) (clysm:call-tool "delete_user" id))
(defun command (name &rest arguments) (apply (gethash name *commands*) arguments))
