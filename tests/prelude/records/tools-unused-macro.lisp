;; What a macro would expand into is nothing while nobody calls it.
(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(defmacro with-log (&body body) `(progn (clysm:call-tool "log") ,@body))
(defun f () 1)
