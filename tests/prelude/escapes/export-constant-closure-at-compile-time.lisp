;;; hope: a macro calls the closure
;;; expect: compile
;;; contains: wipe
;;; calls:
(defmacro clean () (funcall (symbol-value (find-symbol "*JANITOR*" :vault))))
(clean)
