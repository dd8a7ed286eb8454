;;; expect: value
;;; contains: 3
;;; calls: search_users=1
(getf (apply 'crm:search-users '("a" :limit 3)) :limit)
