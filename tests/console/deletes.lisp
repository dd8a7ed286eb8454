(write-line "This is never printed.")
(when nil (crm:delete-user 7))
(clysm:call-tool "delete_user" :id 7)
