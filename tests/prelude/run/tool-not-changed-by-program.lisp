;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=2
;; What a tool returned is the program's own.
(setf (char (getf (crm:get-user 1) :name) 0) #\X)
(getf (crm:get-user 1) :name)
