;;; expect: analysis
;;; contains: page-size
;;; calls:
(defparameter crm:page-size 1000)
