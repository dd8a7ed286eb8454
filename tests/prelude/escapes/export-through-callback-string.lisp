;;; hope: the prelude takes a string for a function
;;; expect: run
;;; calls: read_note=2
(vault:each-note "wipe")
