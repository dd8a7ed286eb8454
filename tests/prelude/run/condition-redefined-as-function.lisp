;;; expect: analysis
;;; contains: no-such-user
;;; calls:
(defun crm:no-such-user (id) id)
