;;; expect: analysis
;;; contains: get-user
;;; calls:
(clysm:call-tool "export_all")
(defun crm:get-user (id) id)
