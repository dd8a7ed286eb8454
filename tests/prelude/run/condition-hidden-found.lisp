;;; expect: value
;;; contains: (NIL NIL)
;;; policy: crm-hidden.toml
;;; calls:
(list (find-symbol "NO-SUCH-USER" :crm) (ignore-errors (read-from-string "crm:no-such-user")))
