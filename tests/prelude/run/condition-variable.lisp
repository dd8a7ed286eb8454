;;; expect: analysis
;;; contains: CRM:NO-SUCH-USER is a condition type
;;; calls:
(list crm:no-such-user)
