;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(block nil
  (return 1)
  (crm:get-user 1 2))
