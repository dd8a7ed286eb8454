;;; hope: FDEFINITION gives what is behind the gate
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (fdefinition (find-symbol "MAINTAIN" :vault)))
