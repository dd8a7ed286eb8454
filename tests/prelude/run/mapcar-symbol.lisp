;;; expect: value
;;; contains: 2
;;; calls: get_user=2
(length (mapcar 'crm:get-user '(1 2)))
