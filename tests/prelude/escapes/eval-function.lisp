;;; hope: a function object made by EVAL is not behind the gate
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (eval (list 'function (find-symbol "MAINTAIN" :vault))))
