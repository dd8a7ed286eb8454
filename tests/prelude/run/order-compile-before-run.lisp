;;; expect: compile
;;; calls:
(crm:get-user 1)
(error "it ran")
(quote)
