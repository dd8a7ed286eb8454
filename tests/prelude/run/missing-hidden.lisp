;;; expect: analysis
;;; contains: rename-user
;;; policy: crm-hidden.toml
;;; calls:
(crm:rename-user 1 "a")
