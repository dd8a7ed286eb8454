;; Records are in the order of their refs, whatever the order of the source.
(defpackage :b (:use :common-lisp) (:export #:y #:x))
(defpackage :a (:use :common-lisp) (:export #:z #:y))
(in-package :b)
(defun y () 1)
(defun x () 1)
(in-package :a)
(defun z () 1)
(defun y () 1)
