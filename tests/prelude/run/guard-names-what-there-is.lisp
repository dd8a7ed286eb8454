;;; expect: guard
;;; contains: export_all
;;; contains: get_user
;;; contains: search_users
;;; calls:
(clysm:call-tool "export_all")
