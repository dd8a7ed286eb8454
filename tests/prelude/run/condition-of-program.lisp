;;; expect: value
;;; contains: (3 "Nobody has the id 3.")
;;; calls:
;; A type that has a name can be signalled, and be a parent.
(define-condition no-such-friend (crm:no-such-user) ())
(handler-case (error 'no-such-friend :id 3)
  (crm:no-such-user (condition) (list (crm:missing-id condition) (princ-to-string condition))))
