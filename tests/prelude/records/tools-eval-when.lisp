;; What is only there while the prelude is compiled calls nothing later.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(eval-when (:compile-toplevel :load-toplevel :execute)
  (defun helper () (list "x" "y")))
(defmacro call-all () `(list ,@(mapcar (lambda (name) `(clysm:call-tool ,name)) (helper))))
(defun f () (call-all))
