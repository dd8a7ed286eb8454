;;; expect: value
;;; contains: (1001 "Nobody has the id 1001.")
;;; calls:
(handler-case (crm:get-user 1001)
  (crm:no-such-user (condition) (list (crm:missing-id condition) (princ-to-string condition))))
