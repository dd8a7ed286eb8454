;;; hope: an export gets another function
;;; expect: analysis
;;; contains: note
;;; calls:
(setf (symbol-function 'vault:note) #'identity)
(vault:each-note #'identity)
