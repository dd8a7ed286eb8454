;;; expect: analysis
;;; contains: no-such-user
;;; policy: crm-hidden.toml
;;; calls:
(handler-case (crm:get-user 1001) (crm:no-such-user () nil))
