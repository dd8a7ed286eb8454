;;; hope: an answer that goes back to a tool is not checked
;;; expect: run
;;; contains: 20
;;; calls: read_note=1
(vault:add (format nil "~{~A ~}" (vault:note 1)))
