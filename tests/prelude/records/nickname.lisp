;; A package is known by its name.
(defpackage :customers (:nicknames :crm :c) (:use :common-lisp) (:export #:find-one))
(in-package :crm)
(defun find-one (id) (clysm:call-tool "find" id))
