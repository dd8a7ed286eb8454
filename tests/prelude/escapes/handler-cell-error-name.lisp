;;; hope: a condition tells the name of a private function
;;; expect: value
;;; contains: :REFUSED
;;; calls:
(handler-case (funcall (handler-case (apply #'vault:submit (list 1 2))
                         (error (condition) (if (typep condition 'cell-error) (cell-error-name condition) 'nothing))))
  (error () :refused))
