;;; hope: a package made by DEFSTRUCT has the prelude's name and no lock, and what happens to it happens to the prelude's package in the compiler
;;; expect: compile or analysis or run
;;; calls:
(eval-when (:compile-toplevel)
  (eval '(defstruct (fake (:include package))))
  (let* ((fake (funcall 'make-fake :%package-name "VAULT"
                                   :%package-internal (make-array 66 :initial-element 0)
                                   :%package-external (make-array 66 :initial-element 0)))
         (twin (intern "STORE" fake)))
    (import twin :common-lisp-user)
    (unintern twin fake)))
(list #'vault:add)
(store "a text that is much longer than a note may be")
