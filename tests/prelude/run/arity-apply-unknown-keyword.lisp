;;; expect: analysis
;;; contains: offset
;;; calls:
(apply #'crm:search-users "a" '(:offset 3))
