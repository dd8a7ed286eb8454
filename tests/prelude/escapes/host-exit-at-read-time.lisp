;;; hope: the reader ends the host
;;; expect: run or compile
;;; calls:
(list #.(clysm:exit 0))
