;;; hope: the expansion of a standard macro holds the library's own symbols, which can be called
;;; expect: value or run
;;; calls:
;; Whatever of the library's can be found in expansions is called with the export and with a class.
(defparameter *forms*
  '((defstruct mine (a 1) b) (push 1 (car x)) (define-condition mine (error) ((a :initarg :a)))
    (defpackage :p1) (with-open-file (s "x") s) (handler-case 1 (error () 2)) (restart-case 1 (continue () 2))
    (defun f (x) x) (defmacro m () 1) (defsetf f g) (deftype ty () 't) (do-symbols (s) s) (loop for x in y collect x)
    (with-output-to-string (s) s) (trace car) (setf (get x y) 1) (setf (fdefinition x) 1) (check-type x string)
    (ecase x (1 2)) (multiple-value-bind (a) b a) (define-compiler-macro f () 1) (with-package-iterator (n :vault :internal) n)))
(defvar *symbols* '())
(defun collect (form)
  (cond ((consp form) (collect (car form)) (collect (cdr form)))
        ((and (symbolp form) form (eq (symbol-package form) (find-package :clysm)))
         (pushnew form *symbols*))))
(dolist (form *forms*)
  (ignore-errors (collect (macroexpand form))))
(let ((export (find-symbol "MAINTAIN" :vault)))
  (dolist (symbol *symbols*)
    (when (and (fboundp symbol) (not (macro-function symbol)) (not (special-operator-p symbol))
               (not (member (symbol-name symbol) '("EXIT" "QUIT") :test #'equal)))
      (dolist (arguments (list '() (list export) (list (list export)) (list export #'identity) (list export :function)
                               (list export :function #'identity) (list vault:*sample*) (list vault:*sample* 2)
                               (list vault:*sample* 2 "a text that is much longer than a note may be")
                               (list (class-of vault:*sample*)) (list (find-package :vault)) (list "WIPE" (find-package :vault))))
        (ignore-errors (apply symbol arguments)))))
  (ignore-errors (funcall export)))
(ignore-errors (vault:submit vault:*sample*))
(ignore-errors (vault:add "a text that is much longer than a note may be"))
1
