;;; hope: COERCE makes a function of a computed symbol
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (coerce (find-symbol "MAINTAIN" :vault) 'function))
