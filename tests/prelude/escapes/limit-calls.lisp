;;; hope: calls of tools take no time of the program
;;; expect: run
;;; contains: time limit
(loop (vault:note 1))
