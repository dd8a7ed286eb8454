;;; expect: analysis
;;; contains: fetch
;;; calls:
(when nil (crm::fetch 1))
