;;; hope: a structure of an export's name defines functions in the prelude's package
;;; expect: compile or analysis
;;; contains: draft
;;; calls:
(defstruct vault:draft text)
