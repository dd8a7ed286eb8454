;;; hope: a tool's answer that is read is run
;;; expect: run
;;; contains: maintain
;;; calls: read_note=1
(read-from-string (getf (vault:note 1) :eval))
