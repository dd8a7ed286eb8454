;;; hope: COMPILE gives an export another definition
;;; expect: run
;;; calls:
(compile (find-symbol "NOTE" :vault) '(lambda (id) (list id)))
(vault:each-note #'identity)
