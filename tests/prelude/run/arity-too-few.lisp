;;; expect: analysis
;;; contains: crm:get-user
;;; contains: 1 argument
;;; calls:
(crm:get-user)
