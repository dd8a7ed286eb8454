;;; hope: the string that is an export's name can be changed
;;; expect: value
;;; contains: "NOTE"
;;; calls:
(let ((symbol (find-symbol "NOTE" :vault)))
  (ignore-errors (setf (char (symbol-name symbol) 0) #\X))
  (symbol-name symbol))
