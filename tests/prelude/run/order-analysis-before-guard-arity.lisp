;;; expect: analysis
;;; contains: get-user
;;; policy: crm-read-only.toml
;;; calls:
(crm:rename-user 1 "x")
(crm:get-user)
