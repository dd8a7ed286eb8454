;;; hope: an undefined function is replaced by one that the program may not name
;;; expect: run
;;; contains: maintain
;;; calls:
(handler-bind ((undefined-function (lambda (condition)
                                     (declare (ignore condition))
                                     (use-value (find-symbol "MAINTAIN" :vault)))))
  (no-such-function))
