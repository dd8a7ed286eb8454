;;; expect: compile
;;; contains: get-user
;;; calls:
(defmacro fetch () (crm:get-user 1))
(fetch)
