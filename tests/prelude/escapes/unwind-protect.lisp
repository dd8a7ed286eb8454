;;; hope: a cleanup form runs where nothing is checked
;;; expect: value
;;; contains: :OUT
;;; calls:
(catch 'out
  (unwind-protect (funcall (find-symbol "MAINTAIN" :vault))
    (throw 'out :out)))
