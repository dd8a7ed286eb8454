;;; hope: EVAL defines an export anew, and the prelude calls that
;;; expect: run
;;; contains: note
;;; calls:
(eval (list 'defun (find-symbol "NOTE" :vault) '(id) 'id))
(vault:each-note #'identity)
