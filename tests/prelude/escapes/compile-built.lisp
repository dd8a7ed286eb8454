;;; hope: COMPILE makes code that nobody has looked at
;;; expect: run
;;; calls:
(funcall (compile nil (list 'lambda '() (list (find-symbol "MAINTAIN" :vault)))))
