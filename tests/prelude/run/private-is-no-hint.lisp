;;; expect: analysis
;;; contains: fetc
;;; lacks: fetch
;;; calls:
(crm:fetc 1)
