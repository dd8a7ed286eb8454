;;; hope: the reader calls the tool before anything is checked
;;; expect: compile
;;; contains: wipe
;;; calls:
(list #.(clysm:call-tool "wipe"))
