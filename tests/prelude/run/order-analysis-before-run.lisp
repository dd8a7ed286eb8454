;;; expect: analysis
;;; contains: get-user
;;; calls:
(crm:get-user 1)
(error "it ran")
(crm:get-user 1 2)
