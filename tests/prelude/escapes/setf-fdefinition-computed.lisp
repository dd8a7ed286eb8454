;;; hope: an export that is not named gets another function
;;; expect: run
;;; contains: note
;;; calls:
(setf (fdefinition (find-symbol "NOTE" :vault)) #'identity)
