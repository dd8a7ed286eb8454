;;; expect: run
;;; contains: search_users
;;; policy: crm-computed.toml
;;; calls:
(defun tool (name) (clysm:call-tool name :query "a"))
(tool "search_users")
