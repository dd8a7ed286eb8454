;;; hope: the draft's class can be taken away, or given to a structure of the program
;;; expect: run
;;; calls:
(defstruct fake text)
(setf (find-class (type-of vault:*sample*)) (find-class 'fake))
(vault:submit (make-fake :text "a text that is much longer than a note may be"))
