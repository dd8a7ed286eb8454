;;; expect: value
;;; contains: (T NIL T)
;;; calls:
(flet ((named-p (object) (typep object '(and symbol (not null))))
       (callable-p (object) (typep object '(or function symbol))))
  (let ((function #'crm:get-user))
    (check-type function function)
    (list (named-p 'a) (named-p nil) (callable-p function))))
