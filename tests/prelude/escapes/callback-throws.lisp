;;; hope: to leave the prelude in the middle leaves it open
;;; expect: run
;;; contains: maintain
;;; calls: read_note=2
(catch 'out (vault:each-note (lambda (note) (declare (ignore note)) (throw 'out 1))))
(funcall (find-symbol "MAINTAIN" :vault))
