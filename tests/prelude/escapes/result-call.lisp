;;; hope: a tool's answer that is code is run
;;; expect: run
;;; contains: maintain
;;; calls: read_note=1
(eval (read-from-string (getf (vault:note 1) :call)))
