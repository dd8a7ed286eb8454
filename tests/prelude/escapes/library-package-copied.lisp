;;; hope: a copy of the prelude's package has no lock
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (intern "WIPE" (copy-structure (find-package :vault))))
