;;; expect: analysis
;;; contains: search-users
;;; contains: at least 1
;;; calls:
(crm:search-users)
