;;; hope: a name is cut off at a control character by the host, and not by the guard
;;; expect: compile or guard or analysis
;;; calls:
(clysm:call-tool "read_note
wipe")
