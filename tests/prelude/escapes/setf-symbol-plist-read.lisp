;;; hope: the property list gives the function behind the gate away
;;; expect: value
;;; contains: NIL
;;; calls:
(remove-if-not (lambda (object) (typep object '(or function hash-table)))
               (symbol-plist (find-symbol "MAINTAIN" :vault)))
