;;; hope: the reader evaluates in an image where the limit can be raised
;;; expect: compile
;;; contains: vault
;;; calls:
#.(set (intern "*LIMIT*" :vault) 1000)
(vault:add "a text that is much longer than a note may be")
