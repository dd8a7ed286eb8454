;;; hope: servers' tools are not guarded
;;; expect: guard
;;; contains: archive/fetch
;;; calls:
(clysm:call-upstream "archive" "fetch" 1)
