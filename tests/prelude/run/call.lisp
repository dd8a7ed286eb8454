;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=1
(getf (crm:get-user 7) :name)
