(in-package :common-lisp)
(defun get-user (id) id)
