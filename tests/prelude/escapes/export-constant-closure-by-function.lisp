;;; hope: the function that yields a constant has no gate, and so the closure has none
;;; expect: run
;;; contains: wipe
;;; calls:
(funcall (funcall (find-symbol "*JANITOR*" :vault)))
