;;; expect: analysis
;;; contains: page-sise
;;; contains: page-size
;;; calls:
(list crm:page-sise)
