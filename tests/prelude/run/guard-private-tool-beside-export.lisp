;;; expect: guard
;;; contains: rename_user
;;; calls:
(crm:rename-user 1 "x")
(clysm:call-tool "rename_user" :id 2)
