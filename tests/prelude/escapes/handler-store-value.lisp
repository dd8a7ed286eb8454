;;; hope: a value that is given later is not checked
;;; expect: run
;;; contains: 20
;;; calls:
(handler-bind ((type-error (lambda (condition)
                             (declare (ignore condition))
                             (store-value "a text that is much longer than a note may be"))))
  (vault:add 1))
