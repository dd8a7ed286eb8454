;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=1
(defvar *fetch* #'crm:get-user)
(defun name-of (id) (getf (funcall *fetch* id) :name))
(name-of 3)
