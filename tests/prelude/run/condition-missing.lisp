;;; expect: analysis
;;; contains: no-such-users
;;; contains: did you mean CRM:NO-SUCH-USER
;;; calls:
(handler-case (crm:get-user 1001) (crm:no-such-users () nil))
