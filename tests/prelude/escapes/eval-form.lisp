;;; hope: EVAL calls what the program may not
;;; expect: run
;;; contains: maintain
;;; calls:
(eval (list (find-symbol "MAINTAIN" "VAULT")))
