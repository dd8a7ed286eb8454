;;; hope: a cleanup form runs when the time is over
;;; expect: run
;;; contains: time limit
;;; calls:
(unwind-protect (loop)
  (funcall (find-symbol "MAINTAIN" :vault))
  (loop))
