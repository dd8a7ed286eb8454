;;; hope: REDUCE calls the export for the program
;;; expect: run
;;; contains: add
;;; calls:
(reduce (find-symbol "ADD" :vault) '("a" "b"))
