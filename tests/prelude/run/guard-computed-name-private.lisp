;;; expect: run
;;; contains: rename_user
;;; policy: crm-computed.toml
;;; calls:
(defun tool (name) (clysm:call-tool name :id 1))
(tool "rename_user")
