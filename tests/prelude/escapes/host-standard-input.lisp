;;; hope: what the host's user types is for the program
;;; expect: run
;;; calls:
(read-line)
