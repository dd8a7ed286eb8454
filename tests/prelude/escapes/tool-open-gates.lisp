;;; hope: the program opens the gates itself
;;; expect: analysis
;;; contains: %open-gates
;;; calls:
(clysm::%open-gates (list (find-symbol "MAINTAIN" :vault)))
