;;; hope: what runs at compile time has no limit
;;; expect: run or compile
;;; contains: time limit
;;; calls:
(defmacro forever () (loop))
(forever)
