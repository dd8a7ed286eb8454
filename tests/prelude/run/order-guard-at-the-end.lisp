;;; expect: guard
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(crm:get-user 1)
(crm:get-user 2)
(defun later () (crm:rename-user 1 "x"))
