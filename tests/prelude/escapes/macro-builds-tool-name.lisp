;;; hope: what a macro makes is not in the text
;;; expect: guard
;;; contains: wipe
;;; calls:
(defmacro clean () (list (find-symbol "CALL-TOOL" :clysm) (concatenate 'string "wi" "pe")))
(clean)
