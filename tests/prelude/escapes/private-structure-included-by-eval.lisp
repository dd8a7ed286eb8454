;;; hope: TYPE-OF tells the private name, and EVAL includes the structure
;;; expect: run
;;; calls:
(eval `(defstruct (fake (:include ,(type-of vault:*sample*)))))
(vault:submit (funcall (intern "MAKE-FAKE") :text "a text that is much longer than a note may be"))
