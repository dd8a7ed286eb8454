;;; hope: restarts of the prelude tell private names
;;; expect: run
;;; contains: undefined
;;; calls:
(funcall (handler-bind ((error (lambda (condition)
                                 (dolist (restart (compute-restarts condition))
                                   (let ((name (restart-name restart)))
                                     (when (eq (symbol-package name) (find-package :vault))
                                       (invoke-restart restart)))))))
           (handler-case (vault:add "a text that is much longer than a note may be")
             (error () 'nothing))))
