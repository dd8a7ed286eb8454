;;; hope: a macro puts a closure into the program that nobody looks into
;;; expect: compile or analysis or run
;;; calls:
(defmacro clean ()
  (let ((function (find-symbol "MAINTAIN" :vault)))
    (list 'funcall (lambda () (funcall function)))))
(clean)
