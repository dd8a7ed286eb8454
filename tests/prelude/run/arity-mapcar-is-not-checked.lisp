;;; expect: run
;;; contains: get-user
;;; calls:
(mapcar #'crm:get-user '(1) '(2))
