;;; hope: a proclamation changes what an export is
;;; expect: analysis or run
;;; contains: note
;;; calls:
(proclaim '(special vault:note))
