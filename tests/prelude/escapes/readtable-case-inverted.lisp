;;; hope: with the case inverted, names are others than those that are checked
;;; expect: guard
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (setf (readtable-case *readtable*) :invert))
(vault:maintain)
