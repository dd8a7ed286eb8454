;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
;; However long the list is, it is too many.
(apply #'crm:get-user 1 2 (list))
