;;; expect: value
;;; contains: "married"
;;; calls: rename_user=1
(getf (crm:rename-user 7 "Grace" "married") :reason)
