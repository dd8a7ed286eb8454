;;; expect: guard
;;; contains: export_all
;;; calls:
(clysm:call-tool "export_all")
