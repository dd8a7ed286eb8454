(format t "~A~%" (eval (list 'crm:get-user 7)))
(handler-case (eval (read-from-string "(crm:delete-user 7)"))
  (clysm:capability-error (e) (format t "~A~%" e)))
