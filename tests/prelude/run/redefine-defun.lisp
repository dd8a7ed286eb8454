;;; expect: analysis
;;; contains: get-user
;;; calls:
(defun crm:get-user (id) id)
