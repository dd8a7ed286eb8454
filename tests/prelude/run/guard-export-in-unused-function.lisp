;;; expect: guard
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(defun unused () (lambda () (crm:rename-user 1 "x")))
(crm:get-user 1)
