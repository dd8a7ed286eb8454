;;; hope: a large argument uses up the host's memory
;;; expect: value or run
(vault:note (make-string 20000000 :initial-element #\x))
1
