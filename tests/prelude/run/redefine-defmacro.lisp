;;; expect: analysis
;;; contains: get-user
;;; calls:
(defmacro crm:get-user (id) id)
