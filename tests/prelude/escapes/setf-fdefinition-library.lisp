;;; hope: the prelude's tools are called by a function of the program
;;; expect: run
;;; contains: call-tool
;;; calls:
(setf (fdefinition (find-symbol "CALL-TOOL" :clysm)) #'list)
