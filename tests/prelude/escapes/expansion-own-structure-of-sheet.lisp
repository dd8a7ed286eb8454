;;; hope: what DEFSTRUCT expands into can be pointed at the prelude's class
;;; expect: compile or analysis or run
;;; calls:
(defmacro forge ()
  (subst (type-of vault:*sample*) 'mine (macroexpand '(defstruct (mine (:constructor make-mine (text)) (:copier nil) (:predicate nil)) text))))
(forge)
(vault:submit (make-mine "a text that is much longer than a note may be"))
