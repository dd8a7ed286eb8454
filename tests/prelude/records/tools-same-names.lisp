;; Functions of the same name in several packages are several functions.
(defpackage :a (:use :common-lisp) (:export #:f))
(defpackage :b (:use :common-lisp) (:export #:f))
(in-package :a)
(defun helper () (clysm:call-tool "a"))
(defun f () (helper))
(in-package :b)
(defun helper () (clysm:call-tool "b"))
(defun f () (helper))
