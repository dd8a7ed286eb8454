;;; expect: value
;;; contains: 7
;;; policy: crm-upstreams.toml
;;; calls: crm/get_user=1
(defun up (name) (clysm:call-upstream "crm" name :id 1))
(getf (up "get_user") :id)
