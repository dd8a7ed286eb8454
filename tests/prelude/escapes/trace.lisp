;;; hope: TRACE puts a function of its own before an export
;;; expect: run or analysis
;;; contains: note
;;; calls:
(trace vault:note)
(vault:note 1)
