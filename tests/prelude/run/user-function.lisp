;;; expect: value
;;; contains: ("Ada" "Ada")
;;; calls: get_user=2
(defun name (id) (getf (crm:get-user id) :name))
(list (name 1) (name 2))
