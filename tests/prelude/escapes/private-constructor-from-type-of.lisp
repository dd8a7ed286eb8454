;;; hope: the structure's name is that of its constructor, and TYPE-OF tells it
;;; expect: run
;;; calls:
(vault:submit (funcall (type-of vault:*sample*) "a text that is much longer than a note may be"))
