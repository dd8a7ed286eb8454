;;; expect: value
;;; contains: "Gives the user with that id another name."
;;; policy: crm-read-only.toml
;;; calls:
(documentation 'crm:rename-user 'function)
