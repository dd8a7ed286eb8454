;;; hope: a reader macro makes a call that the text does not show
;;; expect: compile or guard
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (set-macro-character #\! (lambda (stream char)
                             (declare (ignore stream char))
                             (list (find-symbol "MAINTAIN" :vault)))))
!
