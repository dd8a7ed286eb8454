;;; expect: analysis
;;; contains: delete-everything
;;; calls:
(crm:delete-everything)
