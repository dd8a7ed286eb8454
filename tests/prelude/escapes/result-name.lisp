;;; hope: a tool's answer is a name that the text does not hold
;;; expect: run
;;; contains: maintain
;;; calls: read_note=1
(funcall (intern (getf (vault:note 1) :name) :vault))
