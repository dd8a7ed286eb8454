;;; expect: analysis
;;; contains: search-users
;;; calls:
(crm:search-users "a" :limit)
