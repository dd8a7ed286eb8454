;;; expect: guard
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(crm:get-user 1)
(when nil (crm:rename-user 1 "x"))
