;;; expect: value
;;; contains: (7 7 7)
;;; calls: get_user=3
(mapcar (lambda (user) (getf user :id)) (mapcar #'crm:get-user '(1 2 3)))
