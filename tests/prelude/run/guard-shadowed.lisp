;;; expect: value
;;; contains: 1
;;; policy: crm-read-only.toml
;;; calls:
(flet ((crm:rename-user (id) id))
  (crm:rename-user 1))
