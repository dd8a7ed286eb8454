;;; expect: value
;;; contains: (25 25 25)
;;; calls:
(list (funcall #'crm:page-size) (funcall 'crm:page-size) (apply #'crm:page-size '()))
