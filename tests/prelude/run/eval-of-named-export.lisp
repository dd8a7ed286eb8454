;;; expect: value
;;; contains: 7
;;; calls: get_user=1
;; What the text names may be called in any way.
(getf (eval (list 'crm:get-user 1)) :id)
