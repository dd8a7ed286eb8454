;;; hope: with another readtable, the text is read where private names are not watched
;;; expect: compile or analysis
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (set-macro-character #\! (lambda (stream char) (declare (ignore stream char)) 1)))
(vault::wipe)
