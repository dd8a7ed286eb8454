;;; hope: an export becomes a type
;;; expect: compile or analysis
;;; contains: draft
;;; calls:
(deftype vault:draft () 't)
