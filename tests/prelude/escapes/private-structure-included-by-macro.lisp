;;; hope: TYPE-OF tells a macro the private name, and the macro includes the structure
;;; expect: compile or analysis
;;; calls:
(defmacro define-fake ()
  `(defstruct (fake (:include ,(type-of vault:*sample*)))))
(define-fake)
(vault:submit (make-fake :text "a text that is much longer than a note may be"))
