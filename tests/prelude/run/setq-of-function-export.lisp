;;; expect: analysis
;;; contains: get-user
;;; calls:
(setq crm:get-user 100)
