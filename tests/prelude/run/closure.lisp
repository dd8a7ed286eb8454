;;; expect: value
;;; contains: 3
;;; calls: get_user=3
(let ((count 0))
  (flet ((counted (id) (incf count) (crm:get-user id)))
    (mapc #'counted '(1 2 3))
    count))
