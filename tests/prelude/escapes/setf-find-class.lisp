;;; hope: an export becomes a class
;;; expect: analysis or run
;;; contains: note
;;; calls:
(setf (find-class 'vault:note) (find-class 'string))
