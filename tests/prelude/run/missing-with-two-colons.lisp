;;; expect: analysis
;;; contains: search-user
;;; contains: search-users
;;; calls:
(crm::search-user "a")
