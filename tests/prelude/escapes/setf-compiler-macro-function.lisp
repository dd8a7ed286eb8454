;;; hope: an export gets a compiler macro
;;; expect: run
;;; contains: add
;;; calls:
(setf (compiler-macro-function (find-symbol "ADD" :vault)) (lambda (form environment) (declare (ignore form environment)) 1))
