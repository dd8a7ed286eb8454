;;; hope: a quoted form is data, and EVAL makes it a call
;;; expect: guard
;;; contains: wipe
;;; calls:
(eval '(vault:maintain))
