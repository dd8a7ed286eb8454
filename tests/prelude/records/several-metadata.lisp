(defpackage :p (:use :common-lisp) (:export #:f))
(in-package :p)
(declaim (clysm:export f :visibility :discoverable :effect :write :provider-ref "upstream:crm/do" :requires ("tool:audit")))
(defun f (a &key b)
  "Does it."
  (clysm:call-tool "do" a b))
