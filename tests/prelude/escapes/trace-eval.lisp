;;; hope: TRACE and UNTRACE leave the function behind the gate in its place
;;; expect: run
;;; contains: maintain
;;; calls:
(let ((symbol (find-symbol "MAINTAIN" :vault)))
  (ignore-errors (eval (list 'trace symbol)))
  (ignore-errors (eval (list 'untrace symbol)))
  (funcall symbol))
