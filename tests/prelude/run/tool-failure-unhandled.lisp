;;; expect: run
;;; contains: 0
;;; calls:
(crm:get-user 0)
