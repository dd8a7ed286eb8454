;;; expect: value
;;; contains: (7 "a")
;;; calls: get_user=1 search_users=1
(defparameter *commands* '((:get . crm:get-user) (:search . crm:search-users)))
(defun command (name &rest arguments) (apply (cdr (assoc name *commands*)) arguments))
(list (getf (command :get 1) :id) (getf (command :search "a") :query))
