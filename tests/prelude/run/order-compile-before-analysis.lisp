;;; expect: compile
;;; calls:
(crm:get-user 1)
(crm:get-user 1 2)
(let ((1 2)) 3)
