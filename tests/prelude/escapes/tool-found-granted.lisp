;;; hope: a tool that is granted can be called although the guard has not listed it
;;; expect: run
;;; contains: read_note
;;; calls:
(funcall (find-symbol "CALL-TOOL" "CLYSM") "read_note" :id 1)
