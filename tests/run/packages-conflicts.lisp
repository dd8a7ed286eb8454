;;;; Conflicts of names between packages (CLHS 11.1.1.2.5): package errors, and what CONTINUE does about them.
(setq *print-pretty* nil)

(defmacro show (&rest forms)
  "Prints the values of each of FORMS on a line, or the kind of error that it signals."
  `(progn
     ,@(mapcar (lambda (form)
                 `(format t "~{~S~^ ~}~%"
                          (handler-case (multiple-value-list ,form)
                            (type-error () (list :type-error))
                            (package-error () (list :package-error))
                            (program-error () (list :program-error))
                            (unbound-variable () (list :unbound-variable))
                            (undefined-function () (list :undefined-function))
                            (error () (list :error)))))
               forms)))

(defun fresh (&rest names)
  "Makes the packages NAMES anew."
  (dolist (name names)
    (make-package name :use nil)))
(defun home (name package)
  "The status of the symbol NAME in PACKAGE and its home."
  (multiple-value-bind (symbol status) (find-symbol name package)
    (list status (and status (symbol-package symbol) (package-name (symbol-package symbol))))))
(defmacro continued (form)
  "The values of FORM, with every package error in it continued from, and how many there were."
  `(let ((errors 0))
     (list (handler-bind ((package-error (lambda (c) (declare (ignorable c)) (incf errors) (continue c))))
             ,form)
           errors)))

(fresh "A" "B" "C")
(export (intern "X" "A") "A")
(export (intern "X" "B") "B")
(intern "X" "C")
(show (use-package "A" "C") (package-use-list "C") (home "X" "C"))
(shadow "X" "C")
(show (use-package '("A" "B") "C") (home "X" "C") (unintern (find-symbol "X" "C") "C") (home "X" "C"))

(fresh "D" "E" "F")
(export (intern "Y" "D") "D")
(show (use-package "D" "E") (import (intern "Y" "F") "E") (home "Y" "E") (shadowing-import (find-symbol "Y" "F") "E") (home "Y" "E") (mapcar #'symbol-name (package-shadowing-symbols "E")))
(intern "Z" "E")
(show (export (intern "Z" "D") "D") (home "Z" "D") (home "Z" "E"))
(show (export 'car "F") (home "CAR" "F") (import nil "F") (export nil "F") (import '(nil) "F") (home "NIL" "F"))
(show (make-package "F") (delete-package "D") (package-name "D") (delete-package "NO-SUCH") (unexport 'cdr "F") (import 5 "F") (export "X" "F") (unintern "X" "F"))
(show (continued (delete-package "NO-SUCH")) (continued (export 'cdr "F")) (home "CDR" "F") (continued (delete-package "D")) (find-package "D") (package-use-list "E"))

(fresh "G" "H")
(intern "OLD" "H")
(export (intern "OLD" "G") "G")
(show (continued (use-package "G" "H")) (mapcar #'package-name (package-use-list "H")) (home "OLD" "H") (mapcar #'symbol-name (package-shadowing-symbols "H")))
(show (handler-case (eval '(defpackage "I" (:import-from "G" "MISSING"))) (package-error (c) (package-error-package c) :package-error))
      (continued (package-name (eval '(defpackage "J" (:use) (:import-from "G" "MISSING"))))) (home "MISSING" "J"))
