;;; hope: a name is cut off at NUL by the host, and not by the guard
;;; expect: compile or guard or analysis
;;; calls:
(clysm:call-tool #.(concatenate 'string "wipe" (string (code-char 0)) "x"))
