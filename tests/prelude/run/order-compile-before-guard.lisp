;;; expect: compile
;;; calls:
(crm:get-user 1)
(clysm:call-tool "export_all")
(if)
