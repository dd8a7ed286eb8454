;;; expect: run
;;; contains: get-user
;;; calls:
;; How many there are is known when it runs only.
(apply #'crm:get-user (list 1 2))
