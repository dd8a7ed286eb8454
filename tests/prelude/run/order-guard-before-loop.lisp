;;; expect: guard
;;; contains: export_all
;;; calls:
(crm:get-user 1)
(loop)
(clysm:call-tool "export_all")
