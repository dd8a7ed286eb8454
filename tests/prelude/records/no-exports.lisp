(defpackage :p (:use :common-lisp))
(in-package :p)
(defun f () (clysm:call-tool "t"))
