;;; hope: in the prelude's package, the program's definitions are the prelude's
;;; expect: analysis
;;; contains: vault
;;; calls:
(in-package :vault)
(defun length (x) x)
(add "a text that is much longer than a note may be")
