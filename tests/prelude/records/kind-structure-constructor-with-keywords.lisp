(defpackage :geo (:use :common-lisp) (:export #:make-place #:copy-place))
(in-package :geo)
(defstruct place name (country "uk"))
