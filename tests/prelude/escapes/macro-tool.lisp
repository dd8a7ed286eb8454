;;; hope: a macro calls the tool while nothing is checked yet
;;; expect: compile
;;; contains: wipe
;;; calls:
(defmacro clean () (clysm:call-tool "wipe"))
(clean)
