;;; expect: guard
;;; contains: upstream:crm/add_user is not granted to programs
;;; contains: available: call, tool:get_user, tool:rename_user, tool:search_users, upstream:crm/get_user
;;; policy: crm-upstreams.toml
;;; calls:
(clysm:call-upstream "crm" "get_user" :id 1)
(clysm:call-upstream "crm" "add_user" :name "Ada")
