;;; hope: the prelude's check calls a function of the program
;;; expect: run
;;; contains: length
;;; calls:
(setf (fdefinition (find-symbol "LENGTH" :common-lisp)) (constantly 0))
(vault:add "a text that is much longer than a note may be")
