(dolist (user (crm:search-users "a" :limit 2))
  (format t "~A: ~A~%" (getf user :id) (getf (crm:get-user (getf user :id)) :name)))
