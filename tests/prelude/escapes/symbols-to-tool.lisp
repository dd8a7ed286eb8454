;;; hope: a tool gets a key that only the prelude should write
;;; expect: value
;;; contains: 1
;;; calls: read_note=1
(getf (vault:note '(:id 2 :all t)) :id)
