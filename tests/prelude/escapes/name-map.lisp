;;; hope: MAP calls the export for the program
;;; expect: run
;;; contains: add
;;; calls:
(map 'list (find-symbol "ADD" :vault) #("a" "b"))
