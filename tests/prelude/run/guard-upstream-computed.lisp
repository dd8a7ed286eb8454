;;; expect: guard
;;; contains: call
;;; calls:
(defun up (server) (clysm:call-upstream server "get_user" :id 1))
(up "crm")
