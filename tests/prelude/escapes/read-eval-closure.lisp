;;; hope: a closure in the program is not looked into
;;; expect: compile or analysis or run
;;; calls:
(funcall '#.(let ((name (find-symbol "MAINTAIN" :vault))) (lambda () (funcall name))))
