;;; hope: the value of a constant that the text does not name may be called
;;; expect: run
;;; contains: wipe
;;; calls:
(funcall (symbol-value (find-symbol "*JANITOR*" :vault)))
