;;; hope: a structure's constructor is an export
;;; expect: compile or analysis
;;; contains: note
;;; calls:
(defstruct (mine (:constructor vault:note (text))) text)
