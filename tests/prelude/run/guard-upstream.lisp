;;; expect: guard
;;; contains: crm/get_user
;;; calls:
(clysm:call-upstream "crm" "get_user" :id 1)
