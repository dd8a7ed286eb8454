;; Programs can't refer to the function (SETF SETTING), so that does not count.
(defpackage :p (:use :common-lisp) (:export #:setting))
(in-package :p)
(defun setting (name) (clysm:call-tool "get" name))
(defun (setf setting) (value name) (clysm:call-tool "set" name value))
