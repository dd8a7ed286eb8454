;;; hope: a package that is gone protects nothing
;;; expect: analysis
;;; contains: vault
;;; calls:
(delete-package :vault)
(make-package :vault :use '(:common-lisp))
(funcall (intern "WIPE" :vault))
