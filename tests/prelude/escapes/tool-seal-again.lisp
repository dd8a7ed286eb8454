;;; hope: a second sealing undoes the first
;;; expect: run
;;; calls:
(funcall (find-symbol "%SEAL-PRELUDES" "CLYSM") '() '() '())
