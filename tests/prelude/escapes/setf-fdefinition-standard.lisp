;;; hope: the prelude's check calls a function of the program
;;; expect: run or analysis
;;; contains: length
;;; calls:
(setf (fdefinition 'length) (constantly 0))
(vault:add "a text that is much longer than a note may be")
