;;; expect: guard
;;; contains: rename_user
;;; policy: crm-read-only.toml
;;; calls:
(defparameter *commands* '((:get crm:get-user) (:rename #(crm:rename-user))))
(crm:get-user 1)
