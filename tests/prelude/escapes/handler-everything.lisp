;;; hope: a handler for everything makes of a refusal a success
;;; expect: value
;;; contains: :REFUSED
;;; calls:
(handler-case (funcall (find-symbol "MAINTAIN" :vault))
  (t () :refused))
