;;; expect: compile
;;; calls:
(crm:get-user 1)
(crm::fetch 1)
(list 1 . )
