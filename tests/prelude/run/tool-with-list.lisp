;;; expect: value
;;; contains: ("vip" "uk")
;;; calls: get_user=1
(getf (crm:get-user 1) :tags)
