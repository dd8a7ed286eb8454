;;; expect: analysis
;;; contains: get-user
;;; calls:
(defun (setf crm:get-user) (value id) (list value id))
