;;; expect: value
;;; contains: ("Ada" "Ada")
;;; calls: get_user=2
(defmacro with-user ((variable id) &body body)
  `(let ((,variable (crm:get-user ,id))) ,@body))
(list (with-user (user 1) (getf user :name))
      (with-user (user 2) (getf user :name)))
