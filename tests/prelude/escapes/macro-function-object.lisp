;;; hope: a macro puts a function object into the program
;;; expect: compile or analysis or run
;;; calls:
(defmacro clean () (list 'funcall (fdefinition (find-symbol "MAINTAIN" :vault))))
(clean)
