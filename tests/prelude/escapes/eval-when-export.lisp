;;; hope: what is evaluated at compile time calls the export while nothing is checked yet
;;; expect: compile
;;; contains: note
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute) (vault:note 1))
