;;; hope: a package made by DEFSTRUCT has the library's name, and macros get the library's own functions from it
;;; expect: compile or analysis or run
;;; calls:
(eval-when (:compile-toplevel)
  (eval '(defstruct (fake (:include package)))))
(defmacro library (name &rest arguments)
  (let ((fake (funcall 'make-fake :%package-name "CLYSM"
                                  :%package-internal (make-array 66 :initial-element 0)
                                  :%package-external (make-array 66 :initial-element 0))))
    (cons (intern name fake) arguments)))
(library "%SET-SLOT-AT" vault:*sample* 0 "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
