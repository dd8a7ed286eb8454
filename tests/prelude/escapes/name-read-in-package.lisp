;;; hope: with *PACKAGE* bound, a private symbol needs no prefix
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (let ((*package* (find-package :vault))) (read-from-string "wipe")))
