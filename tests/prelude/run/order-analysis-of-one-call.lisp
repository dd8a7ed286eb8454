;;; expect: analysis
;;; contains: rename-user
;;; policy: crm-read-only.toml
;;; calls:
;; The same call has two faults.
(crm:rename-user 1)
