;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(flet ((unused () (crm:get-user 1 2)))
  1)
