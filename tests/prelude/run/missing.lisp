;;; expect: analysis
;;; contains: get-usr
;;; contains: get-user
;;; calls:
(crm:get-usr 1)
