;;; expect: run
;;; contains: no-such-user
;;; calls:
(eval '(define-condition crm:no-such-user (error) ()))
