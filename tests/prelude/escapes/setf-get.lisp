;;; hope: what the library knows about a symbol is in its property list
;;; expect: value or run
;;; contains: MAINTAIN
;;; calls:
(let ((symbol (find-symbol "MAINTAIN" :vault)))
  (ignore-errors (setf (symbol-plist symbol) (list :macro (constantly 1) :compiler-macro (constantly 1) :setf-of nil)))
  (ignore-errors (setf (get symbol :function) #'identity))
  (handler-case (funcall symbol)
    (error () 'maintain)))
