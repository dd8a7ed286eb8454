;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(funcall 'crm:get-user)
