;;; hope: what discovery tells may be called when it is read again
;;; expect: run
;;; contains: maintain
;;; calls:
(let ((symbol (find "MAINTAIN" (clysm:dir :vault) :key #'symbol-name :test #'equal)))
  (eval (read-from-string (format nil "(~S)" symbol))))
