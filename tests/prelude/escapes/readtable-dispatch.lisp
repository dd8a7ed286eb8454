;;; hope: a dispatching reader macro makes a call of a tool that the text does not show
;;; expect: guard
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *readtable* (copy-readtable nil))
  (set-dispatch-macro-character #\# #\! (lambda (stream char argument)
                                          (declare (ignore stream char argument))
                                          (list (find-symbol "CALL-TOOL" :clysm) "wipe"))))
#!
