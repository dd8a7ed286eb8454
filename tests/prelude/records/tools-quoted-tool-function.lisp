;; The symbol itself, wherever it is, is all it takes to call a tool by a computed name.
(defpackage :p (:use :common-lisp) (:export #:literal-call #:by-function #:by-symbol #:applied))
(in-package :p)
(defun literal-call () '(clysm:call-tool "y"))
(defun by-function () #'clysm:call-tool)
(defun by-symbol (names) (mapcar 'clysm:call-tool names))
(defun applied (&rest arguments) (apply #'clysm:call-tool "y" arguments))
