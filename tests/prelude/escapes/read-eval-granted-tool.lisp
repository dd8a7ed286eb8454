;;; hope: the reader calls a tool that is granted, but not yet
;;; expect: compile
;;; contains: read_note
;;; calls:
(list #.(clysm:call-tool "read_note" :id 1))
