;; A symbol that several packages export is one export, of its own package.
(defpackage :low (:use :common-lisp) (:export #:send))
(defpackage :high (:use :common-lisp) (:import-from :low #:send) (:export #:send))
(in-package :low)
(defun send (x) (clysm:call-tool "send" x))
