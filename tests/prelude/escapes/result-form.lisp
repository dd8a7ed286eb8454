;;; hope: a tool's answer that looks like a form is one
;;; expect: run
;;; calls: read_note=1
(eval (getf (vault:note 1) :form))
