;;; expect: guard
;;; contains: export_all
;;; contains: import_all
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(crm:get-user 1)
(crm:rename-user 1 "x")
(clysm:call-tool "export_all")
(clysm:call-tool "import_all")
