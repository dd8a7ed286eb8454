;;; hope: a structure's accessor is an export
;;; expect: compile or analysis
;;; contains: note
;;; calls:
(defstruct (mine (:conc-name nil)) (vault:note 1))
