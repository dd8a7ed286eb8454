;;; expect: compile or analysis
;;; contains: get-user
;;; calls:
(defmacro crm:get-user (id) id)
