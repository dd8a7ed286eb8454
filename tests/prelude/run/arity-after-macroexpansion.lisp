;;; expect: analysis
;;; contains: crm:get-user
;;; calls:
(defmacro fetch-all (&rest ids) `(crm:get-user ,@ids))
(list (fetch-all 1) (fetch-all 1 2))
