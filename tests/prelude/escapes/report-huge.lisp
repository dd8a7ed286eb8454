;;; hope: the report of an error fills the host's memory
;;; expect: run
;;; calls:
(error "~A" (make-string 5000000 :initial-element #\x))
