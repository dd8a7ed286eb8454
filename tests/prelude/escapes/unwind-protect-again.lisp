;;; hope: a cleanup form after a refusal is not refused
;;; expect: run
;;; contains: maintain
;;; calls:
(unwind-protect (funcall (find-symbol "MAINTAIN" :vault))
  (funcall (find-symbol "MAINTAIN" :vault)))
