;;; hope: CONTINUE goes on behind the gate
;;; expect: run
;;; contains: maintain
;;; calls:
(handler-bind ((error #'continue))
  (funcall (find-symbol "MAINTAIN" :vault)))
