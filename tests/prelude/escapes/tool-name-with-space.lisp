;;; hope: spaces are cut off by the host, and not by the guard
;;; expect: guard
;;; calls:
(clysm:call-tool "wipe ")
