;;; hope: a reader macro makes a call that the text does not show
;;; expect: guard
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (set-macro-character #\! (lambda (stream char)
                             (declare (ignore stream char))
                             (list (find-symbol "MAINTAIN" :vault)))))
!
