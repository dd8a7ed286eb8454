;;; expect: analysis
;;; contains: fetch
;;; calls:
(mapcar #'crm::fetch '(1))
