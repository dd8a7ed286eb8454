;;; expect: analysis
;;; contains: page-size
;;; calls:
(funcall #'crm:page-size 10)
