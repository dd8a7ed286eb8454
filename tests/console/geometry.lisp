;;;; A file to compile: a package, a macro, a structure, constants, and what happens when.

(defpackage :geometry (:use :cl) (:export #:area #:make-box #:square))
(in-package :geometry)

(eval-when (:compile-toplevel)
  (format t "compiling ~A~%" (file-namestring *compile-file-truename*)))

(defmacro square (form)
  (let ((value (gensym)))
    `(let ((,value ,form)) (* ,value ,value))))

(defstruct box (width 0 :type real) (height 0 :type real))

(defparameter *unit* '#.(vector 1 "one" 1.0))

(defun area (box)
  (* (box-width box) (box-height box)))

(format t "loading ~A: ~A ~S~%" (file-namestring *load-truename*) (square 3) *unit*)
