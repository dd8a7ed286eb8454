;;; hope: the structure's name is that of its constructor, and a type error tells it
;;; expect: run
;;; calls:
(vault:submit (funcall (handler-case (vault:submit 1)
                         (type-error (condition) (type-error-expected-type condition)))
                       "a text that is much longer than a note may be"))
