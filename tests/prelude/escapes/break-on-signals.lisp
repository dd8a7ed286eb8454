;;; hope: the debugger lets the program go on
;;; expect: run
;;; calls:
(let ((*break-on-signals* t)
      (*debugger-hook* (lambda (condition hook) (declare (ignore condition hook)) (invoke-restart 'continue))))
  (funcall (find-symbol "MAINTAIN" :vault)))
