;;; hope: a tool that the host has is a tool that the program has
;;; expect: guard
;;; contains: drop_table
;;; calls:
(clysm:call-tool "drop_table")
