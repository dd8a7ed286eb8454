;;; expect: value
;;; contains: 25
;;; calls:
crm:page-size
