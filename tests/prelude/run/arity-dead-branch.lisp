;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(crm:get-user 1)
(if nil (crm:get-user) 2)
