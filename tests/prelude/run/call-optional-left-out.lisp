;;; expect: value
;;; contains: NIL
;;; calls: rename_user=1
(getf (crm:rename-user 7 "Grace") :reason)
