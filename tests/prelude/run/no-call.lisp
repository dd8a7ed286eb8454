;;; expect: value
;;; contains: 3
;;; calls:
(+ 1 2)
