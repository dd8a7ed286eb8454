;;; hope: an export tells its source, with the names in it
;;; expect: value
;;; contains: NIL T VAULT::MAINTAIN
;;; calls:
(or (function-lambda-expression #'vault:add)
    (function-lambda-expression (fdefinition (find-symbol "MAINTAIN" :vault))))
