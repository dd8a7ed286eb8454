;;; hope: the compiler finds a function by the name of a symbol of no package
;;; expect: run
;;; contains: undefined
;;; calls:
(defmacro clean () (list (make-symbol "VAULT::WIPE")))
(clean)
