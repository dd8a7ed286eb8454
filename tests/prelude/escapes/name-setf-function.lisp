;;; hope: there is a function (SETF export) that nobody guards
;;; expect: run
;;; contains: undefined
;;; calls:
(funcall (fdefinition (list 'setf (find-symbol "NOTE" :vault))) 1 2)
