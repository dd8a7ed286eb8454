;;; Nothing of it is for prompts.
(defpackage :quiet (:use :common-lisp) (:export #:answer))
(in-package :quiet)

(declaim (clysm:export-defaults :quiet :visibility :discoverable))

(defun answer () 42)
