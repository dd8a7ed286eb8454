;;;; What the program itself makes of names holds for the forms after that (CLHS 3.2.2, 3.8).
;;;; It is for load as source only: a compiled file is read before any of it runs.

(defun show (&rest values) (prin1 values) (terpri))

(eval '(defmacro twice (form) `(list ,form ,form)))
(show (twice 1))
(setf (macro-function 'thrice) (lambda (form environment) (declare (ignore environment)) `(list ,@(cdr form) 3)))
(show (thrice 1 2))
(fmakunbound 'thrice)
(defun thrice (x) (* 3 x))
(show (thrice 5))

(eval '(defvar *dynamic* 1))
(defun dynamic () *dynamic*)
(show (let ((*dynamic* 2)) (dynamic)) (dynamic))
(proclaim '(special dynamic-too))
(setq dynamic-too 1)
(defun dynamic-too () dynamic-too)
(show (let ((dynamic-too 2)) (dynamic-too)))

(eval '(define-symbol-macro place (car *cell*)))
(defvar *cell* (list 1 2))
(setf place 3)
(show place *cell*)
(eval '(defsetf second-of set-second-of))
(defun set-second-of (list value) (setf (cadr list) value))
(show (setf (second-of *cell*) 4) *cell*)

(defun plain (x) (list :called x))
(eval '(define-compiler-macro plain (x) `(list :inline ,x)))
(defun calls-plain () (plain 1))
(show (calls-plain) (funcall 'plain 1))
