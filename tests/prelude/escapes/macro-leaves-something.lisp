;;; hope: what a macro stores while nothing is checked is there when the program runs
;;; expect: run
;;; contains: maintain
;;; calls:
(defmacro stash ()
  (setf (get 'stash 'function) (fdefinition (find-symbol "MAINTAIN" :vault)))
  nil)
(stash)
(funcall (get 'stash 'function))
