;;; hope: the rest of the text is read in the prelude's package
;;; expect: analysis
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute) (setq *package* (find-package :vault)))
(wipe)
