;;; LOAD, REQUIRE, PROVIDE (CLHS 24.1). The directory is the last argument.
(setq *print-pretty* nil)
(defvar *directory* (car (last (clysm:argv))))
(defun file (name) (concatenate 'string *directory* name))
(defun write-file (name &rest lines)
  (with-open-file (s (file name) :direction :output :if-exists :supersede)
    (dolist (line lines) (write-line line s))))
(defmacro show (form)
  `(format t "~S~%" (handler-case (multiple-value-list ,form)
                      (file-error () :file-error)
                      (error () :error))))

(defvar *log* '())
(defun note (x) (push x *log*))
(defun take-log () (prog1 (reverse *log*) (setq *log* '())))

(write-file "one.lisp" "(note :begin)" "(defun loaded-function (x) (* 2 x)) ; a comment" "#| block |#"
            "(note (loaded-function 21))" "(defmacro loaded-macro (x) `(list ,x ,x))" "(note (loaded-macro 1))")
(show (load (file "one.lisp")))
(show (take-log))
(show (loaded-function 4))
(show (load (file "one")))
(show (take-log))

;; *package*, *readtable* and the variables of LOAD are bound
(write-file "two.lisp" "(defpackage :loaded (:use :cl))" "(in-package :loaded)" "(setq *print-base* 10)"
            "(cl-user::note (package-name *package*))"
            "(cl-user::note (list (pathname-name *load-pathname*) (pathname-name *load-truename*)))"
            "(setq *readtable* (copy-readtable nil))")
(show (let ((table *readtable*)) (load (file "two.lisp")) (list (package-name *package*) (eq table *readtable*))))
(show (take-log))

;; forms before an error have happened
(write-file "three.lisp" "(note 1)" "(note 2)" "(error \"stop\")" "(note 3)")
(show (load (file "three.lisp")))
(show (take-log))
(write-file "four.lisp" "(note 1)" "(note (list 2")
(show (load (file "four.lisp")))
(show (take-log))

;; streams, missing files
(show (with-input-from-string (s "(note :a) (note :b)") (load s)))
(show (take-log))
(show (with-open-file (s (file "one.lisp")) (read s) (load s)))
(show (take-log))
(show (load (file "nothere.lisp")))
(show (load (file "nothere.lisp") :if-does-not-exist nil))

;; loading a file that loads a file
(write-file "inner.lisp" "(note (pathname-name *load-truename*))")
(write-file "outer.lisp" "(note (pathname-name *load-truename*))"
            "(load (merge-pathnames \"inner.lisp\" *load-truename*))" "(note (pathname-name *load-truename*))")
(show (load (file "outer.lisp")))
(show (take-log))

;; modules
(write-file "module.lisp" "(note :module)" "(provide \"a-module\")")
(show (progn (require "a-module" (list (file "module.lisp"))) (take-log)))
(show (progn (require "a-module" (list (file "module.lisp"))) (take-log)))
(show (if (member "a-module" *modules* :test #'string=) t nil))
(show (progn (provide :symbol-module) (if (member "SYMBOL-MODULE" *modules* :test #'string=) t nil)))
(show (require "no-such-module-anywhere"))
(show (pathname-name (compile-file-pathname "/a/b.lisp")))
(show (with-compilation-unit (:override t) (values 1 2)))
