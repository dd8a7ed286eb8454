;; Preludes are compiled where nothing is granted.
(defpackage :p (:use :common-lisp) (:export #:+start+))
(in-package :p)
(defparameter +start+ (get-universal-time))
