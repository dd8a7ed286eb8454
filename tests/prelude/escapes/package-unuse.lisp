;;; hope: without COMMON-LISP, the names in the prelude are others
;;; expect: analysis
;;; contains: vault
;;; calls:
(unuse-package :common-lisp :vault)
