;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(defun f (&optional (user (crm:get-user))) user)
(f 1)
