;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(defun unused () (lambda () (crm:get-user)))
(crm:get-user 1)
