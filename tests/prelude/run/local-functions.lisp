;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=1
(flet ((name (user) (getf user :name)))
  (labels ((fetch (id) (if (= id 0) (crm:get-user 1) (fetch (- id 1)))))
    (name (fetch 5))))
