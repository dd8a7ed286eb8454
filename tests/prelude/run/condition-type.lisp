;;; expect: value
;;; contains: (T NIL T T "There is no user with that id.")
;;; calls: get_user=1
(let ((condition (nth-value 1 (ignore-errors (crm:get-user 2000)))))
  (list (typep condition 'crm:no-such-user)
        (typep (crm:get-user 1) '(or crm:no-such-user integer))
        (subtypep 'crm:no-such-user 'error)
        (etypecase condition (crm:no-such-user t))
        (documentation 'crm:no-such-user 'type)))
