;;; expect: value
;;; contains: 7
;;; policy: crm-computed.toml
;;; calls: get_user=1
(defun tool (name) (clysm:call-tool name :id 1))
(getf (tool "get_user") :id)
