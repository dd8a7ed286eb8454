;;; hope: the debugger's hook runs with the host's rights
;;; expect: run
;;; calls:
(let ((*debugger-hook* (lambda (condition hook)
                         (declare (ignore condition hook))
                         (funcall (find-symbol "MAINTAIN" :vault)))))
  (error "x"))
