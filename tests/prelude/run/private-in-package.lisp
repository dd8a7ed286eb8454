;;; expect: analysis
;;; contains: crm
;;; calls:
(in-package :crm)
(fetch 1)
