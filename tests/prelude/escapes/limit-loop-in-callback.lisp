;;; hope: within the prelude, time does not count
;;; expect: run
;;; contains: time limit
;;; calls: read_note=2
(vault:each-note (lambda (note) (declare (ignore note)) (loop)))
