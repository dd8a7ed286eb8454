;;; expect: analysis
;;; contains: search-users
;;; contains: offset
;;; calls:
(crm:search-users "a" :offset 3)
