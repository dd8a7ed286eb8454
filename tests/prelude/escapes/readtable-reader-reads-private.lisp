;;; hope: a reader macro reads a private name in the prelude's package
;;; expect: compile
;;; contains: vault
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (set-macro-character #\! (lambda (stream char)
                             (declare (ignore char))
                             (let ((*package* (find-package :vault))) (read stream t nil t)))))
(!wipe)
