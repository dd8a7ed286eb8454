;;; hope: COMPILE makes a module that imports the tool
;;; expect: run
;;; calls:
(funcall (compile nil (read-from-string "(lambda () (clysm:call-tool \"wipe\"))")))
