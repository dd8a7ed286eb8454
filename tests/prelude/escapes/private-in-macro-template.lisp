;;; hope: what only a macro that nobody calls mentions is not checked
;;; expect: analysis
;;; contains: wipe
;;; calls:
(defmacro clean () '(vault::wipe))
