;;; hope: an expansion that holds itself is compiled for ever
;;; expect: compile or run
;;; calls:
(defmacro circle () (let ((form (list 'progn 1))) (setf (cddr form) (list form)) form))
(circle)
