;;; hope: a type makes a call that the text does not show
;;; expect: analysis or guard or run
;;; calls:
(deftype innocent () (list 'satisfies (find-symbol "MAINTAIN" :vault)))
(typep 1 'innocent)
