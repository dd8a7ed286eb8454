;;; expect: run
;;; contains: enough
;;; calls: get_user=1
(crm:get-user 1)
(error "enough")
(crm:get-user 2)
