;;; expect: value
;;; contains: 7
;;; calls: get_user=1
(getf (funcall #'crm:get-user 7) :id)
