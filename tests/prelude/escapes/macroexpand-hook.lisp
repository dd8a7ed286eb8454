;;; hope: a hook of the program runs within the compiler
;;; expect: compile or value
;;; calls:
(eval-when (:compile-toplevel)
  (setq *macroexpand-hook* (lambda (expander form environment)
                             (funcall (find-symbol "MAINTAIN" :vault))
                             (funcall expander form environment))))
(defmacro one () 1)
(one)
