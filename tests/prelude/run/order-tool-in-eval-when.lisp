;;; expect: compile
;;; contains: get-user
;;; calls:
(eval-when (:compile-toplevel) (crm:get-user 1))
