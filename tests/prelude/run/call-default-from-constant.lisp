;;; expect: value
;;; contains: 25
;;; calls: search_users=1
(getf (crm:search-users "a") :limit)
