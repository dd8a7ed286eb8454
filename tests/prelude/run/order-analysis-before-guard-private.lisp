;;; expect: analysis
;;; contains: fetch
;;; calls:
(clysm:call-tool "export_all")
(crm::fetch 1)
