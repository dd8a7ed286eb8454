;;; hope: COERCE makes a function of a lambda expression with a computed name
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (coerce (list 'lambda '() (list (find-symbol "MAINTAIN" :vault))) 'function))
