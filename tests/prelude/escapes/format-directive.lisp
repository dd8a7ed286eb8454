;;; hope: a function that a control string names is not seen
;;; expect: guard
;;; contains: wipe
;;; calls:
(format nil "~/vault:maintain/" 1)
