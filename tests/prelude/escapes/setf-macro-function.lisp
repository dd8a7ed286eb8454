;;; hope: an export becomes a macro
;;; expect: run
;;; contains: maintain
;;; calls:
(setf (macro-function (find-symbol "MAINTAIN" :vault)) (lambda (form environment) (declare (ignore form environment)) 1))
