;;; hope: the prelude's package can be defined with other exports
;;; expect: compile or analysis
;;; contains: vault
;;; calls:
(defpackage :vault (:use :common-lisp) (:export #:wipe))
(vault:wipe)
