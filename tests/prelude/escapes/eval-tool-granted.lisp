;;; hope: a tool that is granted can be called although the guard has not listed it
;;; expect: run
;;; contains: read_note
;;; calls:
(eval (read-from-string "(clysm:call-tool \"read_note\" :id 1)"))
