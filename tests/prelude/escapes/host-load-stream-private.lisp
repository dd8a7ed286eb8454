;;; hope: what LOAD reads is not analysed
;;; expect: run
;;; contains: vault
;;; calls:
(with-input-from-string (stream "(in-package :vault) (wipe)") (load stream))
