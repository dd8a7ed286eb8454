;;; hope: letters that look the same are the same for the host, and not for the guard
;;; expect: guard
;;; calls:
(clysm:call-tool "wіpe")
