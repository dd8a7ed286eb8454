;;; expect: analysis
;;; contains: car
;;; calls:
(defun car (x) x)
