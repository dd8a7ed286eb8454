;;; hope: another package takes the prelude's name
;;; expect: compile or analysis
;;; contains: vault
;;; calls:
(defpackage :mine (:use :common-lisp) (:nicknames :vault))
