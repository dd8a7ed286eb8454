;;; hope: one of the gate's restarts goes on behind it
;;; expect: value or run
;;; calls:
(handler-bind ((error (lambda (condition)
                        (dolist (restart (compute-restarts condition))
                          (dolist (arguments '(() (1) ("x")))
                            (ignore-errors (apply #'invoke-restart restart arguments)))))))
  (funcall (find-symbol "MAINTAIN" :vault)))
