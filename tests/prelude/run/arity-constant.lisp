;;; expect: analysis
;;; contains: page-size
;;; contains: no argument
;;; calls:
(crm:page-size 10)
