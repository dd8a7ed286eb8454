;;; hope: a function that is found is not named
;;; expect: run
;;; contains: wipe
;;; calls:
(funcall (find-symbol "CALL-TOOL" "CLYSM") "wipe")
