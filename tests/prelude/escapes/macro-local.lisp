;;; hope: a local macro calls the tool while nothing is checked yet
;;; expect: compile
;;; contains: wipe
;;; calls:
(macrolet ((clean () (clysm:call-tool "wipe"))) (clean))
