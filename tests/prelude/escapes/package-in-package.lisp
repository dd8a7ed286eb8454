;;; hope: in the prelude's package, a private name needs no prefix
;;; expect: analysis
;;; contains: vault
;;; calls:
(in-package :vault)
(wipe)
