;;; expect: value
;;; contains: 4
;;; calls: get_user=4
(loop for id from 1 to 4
      count (equal (getf (crm:get-user id) :name) "Ada"))
