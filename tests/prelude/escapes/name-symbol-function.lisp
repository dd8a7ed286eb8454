;;; hope: SYMBOL-FUNCTION gives what is behind the gate
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (symbol-function (find-symbol "MAINTAIN" :vault)))
