;;; hope: a package made by DEFSTRUCT has the library's name, and macros get primitives from it
;;; expect: compile or analysis or run
;;; calls:
(eval-when (:compile-toplevel)
  (eval '(defstruct (fake (:include package)))))
(defmacro poke (value)
  (let ((fake (funcall 'make-fake :%package-name "CLYSM"
                                  :%package-internal (make-array 66 :initial-element 0)
                                  :%package-external (make-array 66 :initial-element 0))))
    (list (intern "%ARRAY-SET" fake) (intern "INSTANCE" fake) 'vault:*sample* 2 value)))
(poke "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
