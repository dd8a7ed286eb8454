;;; expect: analysis
;;; contains: fetch
;;; calls:
(crm::fetch 1)
