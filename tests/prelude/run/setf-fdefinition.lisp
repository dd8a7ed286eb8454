;;; expect: analysis
;;; contains: get-user
;;; calls:
(setf (fdefinition 'crm:get-user) #'list)
