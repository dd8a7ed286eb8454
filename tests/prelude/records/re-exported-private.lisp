;; It is private where it is defined, and an export of the package that exports it.
(defpackage :low (:use :common-lisp))
(in-package :low)
(defun send (x) (clysm:call-tool "send" x))
(defpackage :high (:use :common-lisp) (:import-from :low #:send) (:export #:send))
