;;; hope: a private helper that the compiler takes for the program's own is called, and so is its tool
;;; expect: compile or analysis or run
;;; calls:
(eval-when (:compile-toplevel)
  (eval '(defstruct (fake (:include package))))
  (let* ((fake (funcall 'make-fake :%package-name "VAULT"
                                   :%package-internal (make-array 66 :initial-element 0)
                                   :%package-external (make-array 66 :initial-element 0)))
         (twin (intern "WIPE" fake)))
    (import twin :common-lisp-user)
    (unintern twin fake)))
(wipe)
