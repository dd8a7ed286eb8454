;;; expect: analysis
;;; contains: page-size
;;; calls:
(defconstant crm:page-size 25)
