;;; hope: what runs at read time has no limit
;;; expect: run or compile
;;; contains: time limit
;;; calls:
(list #.(loop))
