;;; expect: guard
;;; contains: export_all
;;; calls:
(crm:get-user 1)
(error "it ran")
(clysm:call-tool "export_all")
