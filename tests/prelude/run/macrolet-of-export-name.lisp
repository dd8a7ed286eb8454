;;; expect: value
;;; contains: 6
;;; calls:
(macrolet ((crm:get-user (&rest numbers) `(+ ,@numbers)))
  (crm:get-user 1 2 3))
