;;; hope: no name is any name
;;; expect: guard
;;; calls:
(clysm:call-tool "")
