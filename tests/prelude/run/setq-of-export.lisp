;;; expect: compile or analysis
;;; contains: page-size
;;; calls:
(setq crm:page-size 100)
