;;; hope: what a macro makes is not in the text
;;; expect: guard
;;; contains: wipe
;;; calls:
(defmacro clean () (list (find-symbol (concatenate 'string "MAIN" "TAIN") :vault)))
(clean)
