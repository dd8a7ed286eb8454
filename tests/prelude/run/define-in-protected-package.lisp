;;; expect: analysis
;;; contains: crm
;;; calls:
(defun crm::extra () 1)
