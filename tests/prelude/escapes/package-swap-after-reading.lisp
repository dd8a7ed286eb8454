;;; hope: a name that was read as the program's becomes that of the export
;;; expect: run
;;; calls:
(defun later () (funcall 'maintain))
(eval-when (:compile-toplevel :load-toplevel :execute)
  (unintern 'maintain)
  (import (find-symbol "MAINTAIN" :vault)))
(later)
