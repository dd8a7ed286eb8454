;;; expect: guard
;;; contains: export_all
;;; calls:
(if t 1 (clysm:call-tool "export_all"))
