;;; expect: guard
;;; contains: rename_user
;;; contains: rename-user
;;; policy: crm-read-only.toml
;;; calls:
(crm:rename-user 1 "x")
