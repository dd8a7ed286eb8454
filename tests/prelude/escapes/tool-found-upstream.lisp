;;; hope: servers' tools are not guarded
;;; expect: run
;;; contains: archive/fetch
;;; calls:
(funcall (find-symbol "CALL-UPSTREAM" "CLYSM") "archive" "fetch" 1)
