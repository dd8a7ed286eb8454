;;; expect: value
;;; contains: 7
;;; policy: crm-upstreams.toml
;;; calls: crm/get_user=1
(getf (clysm:call-upstream "crm" "get_user" :id 1) :id)
