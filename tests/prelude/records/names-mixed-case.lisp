(defpackage "Crm.Api" (:use "COMMON-LISP") (:export "getUser"))
(in-package "Crm.Api")
(defun |getUser| (|userId|) |userId|)
