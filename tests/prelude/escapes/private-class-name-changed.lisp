;;; hope: the draft's class gets a name that the program may define
;;; expect: run
;;; calls:
(setf (class-name (class-of vault:*sample*)) 'fake)
(eval '(defstruct (fake (:constructor make-fake (text))) text))
(vault:submit (funcall 'make-fake "a text that is much longer than a note may be"))
