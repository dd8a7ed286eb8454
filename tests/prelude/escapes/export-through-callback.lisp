;;; hope: the prelude calls an export for the program
;;; expect: run
;;; contains: add
;;; calls: read_note=2
(vault:each-note (find-symbol "ADD" :vault))
