;;; hope: within a call of an export, more is permitted
;;; expect: run
;;; contains: maintain
;;; calls: read_note=2
(vault:each-note (lambda (note) (declare (ignore note)) (funcall (find-symbol "MAINTAIN" :vault))))
