;;; hope: PROGV binds what it can't name
;;; expect: run
;;; contains: vault
;;; calls:
(progv (list (intern "*LIMIT*" :vault)) '(1000)
  (vault:add "a text that is much longer than a note may be"))
