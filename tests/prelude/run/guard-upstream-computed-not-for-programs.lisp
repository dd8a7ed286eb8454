;;; expect: run
;;; contains: crm/add_user
;;; policy: crm-upstreams.toml
;;; calls: crm/get_user=1
(defun up (name) (clysm:call-upstream "crm" name :id 1))
(up "get_user")
(up "add_user")
