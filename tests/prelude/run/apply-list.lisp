;;; expect: value
;;; contains: "a"
;;; calls: search_users=1
(getf (apply #'crm:search-users "a" (list :limit 3)) :query)
