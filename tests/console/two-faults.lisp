(write-line "This is never printed.")
(defun unused () (crm:get-user))
(crm::fetch 7)
(crm:delete-user 7)
