;;; expect: value
;;; contains: 25
;;; calls:
(defpackage :report (:use :common-lisp) (:import-from :crm #:page-size))
(in-package :report)
page-size
