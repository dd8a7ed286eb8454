;;; hope: a quoted name that a macro makes is not in the text
;;; expect: guard
;;; contains: wipe
;;; calls:
(defmacro name () (list 'quote (list (find-symbol "MAINTAIN" :vault))))
(mapc #'funcall (name))
