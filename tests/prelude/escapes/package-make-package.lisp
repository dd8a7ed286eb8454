;;; hope: another package takes the prelude's name while the program runs
;;; expect: run
;;; contains: vault
;;; calls:
(make-package :mine :nicknames '(:vault))
