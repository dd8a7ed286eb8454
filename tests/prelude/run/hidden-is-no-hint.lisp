;;; expect: analysis
;;; contains: rename-usr
;;; lacks: crm:rename-user
;;; policy: crm-hidden.toml
;;; calls:
(crm:rename-usr 1 "a")
