;;; hope: an export gets a writer
;;; expect: run
;;; contains: note
;;; calls:
(setf (fdefinition (list 'setf (find-symbol "NOTE" :vault))) #'list)
