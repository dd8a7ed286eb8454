;;; hope: SORT calls the export for the program
;;; expect: run
;;; contains: note
;;; calls:
(sort (list 1 2) #'< :key (find-symbol "NOTE" :vault))
