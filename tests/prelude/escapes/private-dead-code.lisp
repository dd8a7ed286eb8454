;;; hope: what never runs is not checked, and the name is there for FIND-SYMBOL
;;; expect: analysis
;;; contains: wipe
;;; calls:
(when nil (vault::wipe))
(funcall (find-symbol "WIPE" :vault))
