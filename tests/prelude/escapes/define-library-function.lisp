;;; hope: the program's CALL-TOOL is that of the prelude
;;; expect: analysis
;;; contains: call-tool
;;; calls:
(defun clysm:call-tool (&rest arguments) arguments)
(vault:add "a")
