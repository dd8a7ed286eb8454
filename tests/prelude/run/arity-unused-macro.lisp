;;; expect: value
;;; contains: 1
;;; calls:
;; A template is no call.
(defmacro fetch-all (&rest ids) `(crm:get-user ,@ids))
1
