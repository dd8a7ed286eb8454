;;; hope: a discovery form that fails hands its argument to a handler
;;; expect: value or run
;;; calls:
(handler-case (documentation 'vault:maintain 'no-such-kind-of-name)
  (error (condition)
    (when (typep condition 'type-error) (funcall (type-error-datum condition)))))
