;;; hope: a function tells its name, which is private
;;; expect: value or run
;;; calls:
(let ((name (nth-value 2 (function-lambda-expression (fdefinition (find-symbol "MAINTAIN" :vault))))))
  (funcall name))
