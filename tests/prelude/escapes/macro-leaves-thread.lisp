;;; hope: a stream that a macro leaves behind calls the program when the host prints
;;; expect: value or run
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (setq *standard-output* (make-synonym-stream '*sly*)))
(defvar *sly* (make-string-output-stream))
(print 1)
1
