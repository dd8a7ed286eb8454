;;; hope: what only a macro calls is not guarded
;;; expect: guard
;;; contains: wipe
;;; calls:
(defmacro clean () (clysm:call-tool "wipe"))
1
