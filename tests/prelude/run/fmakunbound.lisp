;;; expect: analysis
;;; contains: get-user
;;; calls:
(fmakunbound 'crm:get-user)
