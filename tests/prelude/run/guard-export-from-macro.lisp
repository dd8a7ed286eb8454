;;; expect: guard
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(defmacro rename (id name) (list (intern "RENAME-USER" :crm) id name))
(rename 1 "x")
