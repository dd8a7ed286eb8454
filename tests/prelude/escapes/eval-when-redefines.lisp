;;; hope: at compile time, the library can be changed for the analysis
;;; expect: compile
;;; calls:
(eval-when (:compile-toplevel) (setf (fdefinition (find-symbol "LENGTH" :cl)) (constantly 0)))
(vault:add "a text that is much longer than a note may be")
