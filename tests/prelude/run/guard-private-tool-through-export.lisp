;;; expect: value
;;; contains: "Ada"
;;; policy: crm-private.toml
;;; calls: get_user=1
(getf (crm:get-user 1) :name)
