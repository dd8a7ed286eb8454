;;; hope: a macro ends the host
;;; expect: run or compile
;;; calls:
(defmacro bye () (clysm:exit 0))
(bye)
