;;; hope: a computed symbol reaches an export that the text does not name
;;; expect: run
;;; contains: maintain
;;; calls:
(funcall (find-symbol "MAINTAIN" :vault))
