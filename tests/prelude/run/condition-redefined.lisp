;;; expect: analysis
;;; contains: no-such-user
;;; calls:
(define-condition crm:no-such-user (error) ())
