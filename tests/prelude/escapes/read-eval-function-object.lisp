;;; hope: a function object in the program is not a name
;;; expect: compile or analysis or run
;;; calls:
(funcall '#.(fdefinition (find-symbol "MAINTAIN" :vault)))
