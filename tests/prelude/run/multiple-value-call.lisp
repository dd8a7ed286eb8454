;;; expect: value
;;; contains: 7
;;; calls: get_user=1
(getf (multiple-value-call #'crm:get-user (values 1)) :id)
