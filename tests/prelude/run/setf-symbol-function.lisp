;;; expect: analysis
;;; contains: get-user
;;; calls:
(setf (symbol-function 'crm:get-user) #'list)
