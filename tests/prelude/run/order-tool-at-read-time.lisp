;;; expect: compile
;;; contains: get-user
;;; calls:
(list #.(crm:get-user 1))
