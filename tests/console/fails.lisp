(handler-case (crm:delete-user 7)
  (clysm:tool-error (e) (format t "~%~A~%" e)))
(crm:delete-user 7)
