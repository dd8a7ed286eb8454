;;; expect: analysis
;;; contains: CRM:NO-SUCH-USER is a condition type, and neither a function nor a variable
;;; contains: crm.lisp:
;;; calls:
(when nil (crm:no-such-user 1))
