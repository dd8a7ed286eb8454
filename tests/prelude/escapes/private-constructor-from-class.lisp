;;; hope: the structure's name is that of its constructor, and the class tells it
;;; expect: run
;;; calls:
(vault:submit (funcall (class-name (class-of vault:*sample*)) "a text that is much longer than a note may be"))
