;;; expect: value
;;; contains: ("a" 3 2)
;;; calls: search_users=1
(let ((found (crm:search-users "a" :page 2 :limit 3)))
  (list (getf found :query) (getf found :limit) (getf found :page)))
