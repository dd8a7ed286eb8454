;;; expect: run
;;; contains: export_all
;;; policy: crm-computed.toml
;;; calls:
(defun tool (name) (clysm:call-tool name :id 1))
(tool "export_all")
