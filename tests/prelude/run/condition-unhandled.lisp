;;; expect: run
;;; contains: Unhandled NO-SUCH-USER: Nobody has the id 1001.
;;; calls:
(crm:get-user 1001)
