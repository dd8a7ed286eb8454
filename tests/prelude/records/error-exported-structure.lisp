(defpackage :p (:use :common-lisp) (:export #:order #:order-id))
(in-package :p)
(defstruct order id)
