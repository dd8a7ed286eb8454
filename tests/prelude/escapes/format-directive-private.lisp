;;; hope: a control string may name what the program may not
;;; expect: analysis
;;; contains: wipe
;;; calls:
(format nil "~/vault::wipe/" 1)
