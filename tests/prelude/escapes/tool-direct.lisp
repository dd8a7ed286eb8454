;;; hope: a tool that is granted to the prelude is granted to the program
;;; expect: guard
;;; contains: wipe
;;; calls:
(clysm:call-tool "wipe")
