;;; expect: analysis
;;; contains: fetch
;;; calls:
(in-package :crm)
(fetch 1)
