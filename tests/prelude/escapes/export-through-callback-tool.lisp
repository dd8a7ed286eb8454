;;; hope: the prelude calls a tool for the program
;;; expect: run
;;; calls: read_note=2
(vault:each-note (find-symbol "CALL-TOOL" :clysm))
