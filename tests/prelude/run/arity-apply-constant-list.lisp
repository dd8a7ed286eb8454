;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(apply #'crm:get-user '(1 2))
