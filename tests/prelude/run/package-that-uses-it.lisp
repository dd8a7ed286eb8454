;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=1
(defpackage :report (:use :common-lisp :crm))
(in-package :report)
(getf (get-user 1) :name)
