;;; hope: a name of the program for the draft's class can be included
;;; expect: run
;;; calls:
(setf (find-class 'mine) (class-of vault:*sample*))
(eval '(defstruct (fake (:include mine))))
(vault:submit (funcall (intern "MAKE-FAKE") :text "a text that is much longer than a note may be"))
