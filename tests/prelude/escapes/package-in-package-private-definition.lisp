;;; hope: in the prelude's package, a private helper can be replaced
;;; expect: analysis
;;; contains: vault
;;; calls:
(in-package :vault)
(defun checked (text) text)
(add "a text that is much longer than a note may be")
