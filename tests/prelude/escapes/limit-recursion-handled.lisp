;;; hope: handlers within handlers use up the host's stack
;;; expect: run
;;; calls:
(defun deeper () (handler-bind ((error (lambda (c) (declare (ignore c)) (deeper)))) (error "x")))
(deeper)
