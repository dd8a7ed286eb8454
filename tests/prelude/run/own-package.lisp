;;; expect: value
;;; contains: ("REPORT" "REPORT" 7)
;;; calls: get_user=1
(defpackage :report (:use :common-lisp) (:export #:id))
(in-package :report)
(defun id (n) (getf (crm:get-user n) :id))
(list (package-name *package*) (package-name (symbol-package 'id)) (report:id 1))
