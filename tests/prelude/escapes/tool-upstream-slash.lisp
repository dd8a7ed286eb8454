;;; hope: a slash in a server's name makes it another
;;; expect: compile or guard
;;; calls:
(clysm:call-upstream "archive/fetch" "x")
