;;; hope: an export becomes a place
;;; expect: compile or analysis
;;; contains: note
;;; calls:
(defsetf vault:note (id) (value) `(list ,id ,value))
