;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(funcall #'funcall #'crm:get-user)
