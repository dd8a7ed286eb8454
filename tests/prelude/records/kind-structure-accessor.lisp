(defpackage :geo (:use :common-lisp) (:export #:make-place #:place-name #:place-p))
(in-package :geo)
(defstruct (place (:constructor make-place (name &optional country))) name country)
