;;; hope: one of the lock's restarts goes on without it
;;; expect: value
;;; contains: :REFUSED
;;; calls:
(handler-case
    (handler-bind ((package-error (lambda (condition)
                                    (dolist (restart (compute-restarts condition))
                                      (ignore-errors (invoke-restart restart))))))
      (funcall (intern "WIPE" :vault)))
  (error () :refused))
