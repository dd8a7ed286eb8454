;;; expect: value
;;; contains: 7 "Ada"
;;; calls: get_user=1
(let ((user (crm:get-user 1)))
  (values (getf user :id) (getf user :name)))
