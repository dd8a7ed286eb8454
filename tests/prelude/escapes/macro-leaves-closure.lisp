;;; hope: a closure that a macro makes is not analysed and may call what it likes
;;; expect: run
;;; contains: wipe
;;; calls:
(defmacro stash ()
  (setf (get 'stash 'function) (symbol-value (find-symbol "*JANITOR*" :vault)))
  nil)
(stash)
(funcall (get 'stash 'function))
