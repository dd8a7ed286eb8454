;;; hope: the evaluator's recursion uses up the host's stack
;;; expect: run
;;; calls:
(defun deeper () (eval '(list (funcall 'deeper))))
(deeper)
