;;; hope: ~? hides the control string
;;; expect: guard
;;; contains: wipe
;;; calls:
(format nil "~?" "~/vault:maintain/" '(1))
