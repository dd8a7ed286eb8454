;;; hope: without its function, an export is nobody's
;;; expect: run
;;; contains: maintain
;;; calls:
(fmakunbound (find-symbol "MAINTAIN" :vault))
