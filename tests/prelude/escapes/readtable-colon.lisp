;;; hope: with a colon that is a letter, the name is another
;;; expect: compile or analysis or run
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (set-syntax-from-char #\: #\a))
(vault::wipe)
