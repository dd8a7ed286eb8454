;;; expect: value
;;; contains: 7
;;; calls: get_user=2
(crm:get-user 1)
(getf (funcall (find-symbol "GET-USER" :crm) 1) :id)
