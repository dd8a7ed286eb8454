;;; hope: a structure of the program that includes the draft's is a draft
;;; expect: analysis
;;; contains: sheet
;;; calls:
(defstruct (fake (:include vault::sheet)))
(vault:submit (make-fake :text "a text that is much longer than a note may be"))
