;;; hope: a length that is too large for the check passes it
;;; expect: run
;;; calls:
(vault:add (make-string 20000000 :initial-element #\x))
