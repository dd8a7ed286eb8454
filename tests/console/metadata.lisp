;;; What it says of its export means nothing.
(defpackage :shop (:use :common-lisp) (:export #:buy))
(in-package :shop)

(declaim (clysm:export buy :effect :sometimes :colour :red))

(defun buy (id)
  (clysm:call-tool "buy" id))
