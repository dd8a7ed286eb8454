;;; hope: a hook of the program makes calls out of macros of the standard
;;; expect: guard or value
;;; calls:
(eval-when (:compile-toplevel)
  (setq *macroexpand-hook* (lambda (expander form environment)
                             (if (eq (car form) 'one)
                                 (list (find-symbol "MAINTAIN" :vault))
                                 (funcall expander form environment)))))
(defmacro one () 1)
(one)
