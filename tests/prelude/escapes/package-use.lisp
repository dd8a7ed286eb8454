;;; hope: the prelude's package inherits from one of the program
;;; expect: analysis
;;; contains: vault
;;; calls:
(make-package :mine)
(export (intern "WIPE" :mine) :mine)
(use-package :mine :vault)
