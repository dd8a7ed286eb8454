;;; expect: analysis
;;; contains: get-usr
;;; policy: crm-read-only.toml
;;; calls:
(crm:rename-user 1 "x")
(crm:get-usr 1)
