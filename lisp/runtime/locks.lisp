;;;; Package locks: what a program may not do to the names of a package, nor to the package itself.
;;;;
;;;; The list of what is forbidden follows CLHS 11.1.2.1.2. Nothing unlocks a package: a lock holds against the program that runs.
;;;; Each function that changes what a name stands for calls %CHECK-LOCK, or %CHECK-PACKAGE-LOCK, which do nothing until a package
;;;; is locked and *%LOCK-GUARD* is the function below. Compiled SETQ and LET do not: what a text names is the compiler's business,
;;;; and so are symbols that it interns.
;;;;
;;;; The slot %PACKAGE-LOCK of a package is NIL, T, or :SEALED when moreover its internal symbols can't be found (sealing.lisp). A
;;;; symbol with the flag 128 is sealed: neither its value nor a dynamic binding of it may come from a program.

(in-package :clysm)

(define-condition package-lock-violation (package-error)
  ((operation :initarg :operation :reader %violation-operation)
   (subject :initarg :subject :reader %violation-subject))
  (:report (lambda (condition stream)
             (format stream "The lock on the package ~A forbids ~?." (package-name (package-error-package condition))
                     (%operation-text (%violation-operation condition)) (list (%violation-subject condition))))))

(defun %operation-text (operation)
  "The format control for the keyword OPERATION; its argument is the name that the operation is about."
  (case operation
    (:function "defining ~S as a function")
    (:macro "defining ~S as a macro")
    (:compiler-macro "defining a compiler macro for ~S")
    ((:class :forward-class) "defining ~S as a class")
    ((:structure :typed-structure) "defining ~S as a structure")
    (:type-expander "defining ~S as a type")
    (:setf-expander "defining ~S as a place")
    (:symbol-macro "defining ~S as a symbol macro")
    (:constant "defining ~S as a constant")
    (:special "declaring ~S special")
    (:no-function "making ~S undefined as a function")
    ((:value :assignment) "changing the value of ~S")
    (:no-value "making ~S unbound")
    (:binding "binding ~S dynamically")
    (:trace "tracing ~S")
    (:documentation "changing the documentation of ~S")
    (:include "including the structure ~S")
    (:construct "calling the constructor ~S by #S")
    (:intern "interning ~S")
    (:import "importing ~S")
    (:shadowing-import "importing ~S as a shadowing symbol")
    (:shadow "shadowing ~S")
    (:export "exporting ~S")
    (:unexport "unexporting ~S")
    (:unintern "uninterning ~S")
    (:use "its use of ~S")
    (:unuse "the end of its use of ~S")
    (:rename "giving it the name ~S")
    (:delete "deleting it")
    (:defpackage "defining it anew")
    (t "changing what ~S means")))

;;; Whether a name is locked.

(defun %locked-home (symbol)
  "The home package of SYMBOL if that is locked. Names of keywords are everybody's."
  (let ((home (%home-package symbol)))
    (if (and home (%package-lock home) (not (eq home *keyword-package*))) home nil)))

(defun %external-at-home-p (symbol)
  (let ((home (%home-package symbol)))
    (and home (eq (%status-in symbol home) :external))))

(defun %sealed-p (symbol)
  (%flag-p symbol 128))

(defun %hidden-p (symbol)
  "True when programs can't find SYMBOL by its name, as it isn't external in a sealed package."
  (let ((home (%home-package symbol)))
    (and home
         (eq (%package-lock home) :sealed)
         (not (%external-at-home-p symbol)))))

(defun %definition-forbidden-p (operation symbol)
  (case operation
    ((:setf-of :source) nil)            ; notes of the library
    ((:documentation :binding :assignment) (%sealed-p symbol))
    (:construct (and (%sealed-p symbol) (not (%external-at-home-p symbol))))
    ((:value :no-value)
     (or (%sealed-p symbol) (and (%locked-home symbol) (not (%external-at-home-p symbol)))))
    (t (or (%sealed-p symbol) (%locked-home symbol)))))

(defun %named-symbol (name)
  "The symbol whose lock decides for NAME: that of a function name (SETF symbol), also where the symbol of its cell stands for it.
NIL for what is no name."
  (cond ((%setf-name-p name) (second name))
        ((symbolp name) (or (%info name :setf-of) name))
        (t nil)))

(defun %change-forbidden-p (operation package)
  (and (%package-lock package)
       (not (and (eq operation :intern) (eq package *keyword-package*)))))

(defun %guard-locks (operation subject package)
  "Signals if a lock forbids OPERATION on PACKAGE, or, when that is NIL, on the name SUBJECT."
  (if package
      (when (%change-forbidden-p operation package)
        (%violate-lock operation (if (packagep subject) (package-name subject) subject) package))
      (let ((symbol (%named-symbol subject)))
        (when (and symbol (%definition-forbidden-p operation symbol))
          (%violate-lock operation subject (%home-package symbol))))))

(defun %violate-lock (operation subject package)
  (%error 'package-lock-violation :package package :operation operation :subject subject))

;;; Locking.

(defun %lock (package kind)
  (setf (%package-lock package) kind)
  (setq *%lock-guard* #'%guard-locks))

(defun lock-package (package)
  "Locks the package that PACKAGE stands for, for as long as the program runs. From then on PACKAGE-LOCK-VIOLATION is signalled by
whatever would define a name that is a symbol of it, change the value of a symbol that it does not export, or change the package:
its symbols, what it exports, shadows and uses, its names. Returns the package."
  (let ((package (%existing-package package)))
    (unless (%package-lock package)
      (%lock package t))
    package))

(defun package-locked-p (package)
  "True if the package that PACKAGE stands for is locked."
  (if (%package-lock (%existing-package package)) t nil))
