;;; expect: analysis
;;; contains: fetch
;;; calls:
(list 'crm::fetch)
