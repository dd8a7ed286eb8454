;;;; Sealing of preludes: what is done between loading packages that a host trusts and reading a program that it does not.
;;;;
;;;; Internal symbols of the preludes and of the library can't be found by name any more: the packages forget them, while they
;;;; themselves, and what refers to them, stay as they are. So a program reaches exports only, which can't be defined anew, nor can
;;;; their values be changed. Exports that are functions have a gate, a function that refuses, until %OPEN-GATES gives them their own
;;;; functions back: it is called with those that the text of the program names, and which may therefore use their tools.

(in-package :clysm)

(defglobal *%exports* nil)              ; the symbols of all exports
(defglobal *%gated* nil)                ; hash table: symbol -> the function behind its gate

;;; Hiding symbols.

(defun %seal-symbol (symbol)
  ;; A host that compiles needn't hear of it: it knows what is sealed.
  (%set symbol flags symbol (logior (%get symbol flags symbol) 128)))

(defun %seal-own-symbols (table package)
  "Seals the symbols of TABLE whose home is PACKAGE."
  (%do-table (symbol table)
    (when (eq (%get symbol package symbol) package)
      (%seal-symbol symbol))))

(defun %hide-internals (package)
  "Has PACKAGE forget its internal symbols. They keep it as their home, so that they print as before."
  (setf (%package-internal package) (%make-symbol-table 8)
        (%package-shadowing package) (remove-if-not (lambda (symbol) (%present-p symbol package))
                                                    (%package-shadowing package))))

(defun %hide-externals (symbols package)
  (dolist (symbol symbols)
    (%without-symbol (%package-external package) symbol (%symbol-hash symbol))))

(defun %seal-package (package hidden)
  (%seal-own-symbols (%package-internal package) package)
  (%seal-own-symbols (%package-external package) package)
  (%hide-externals hidden package)
  (%hide-internals package)
  (%lock package :sealed))

(defun %seal-library ()
  "Hides what the library is made of, and locks the packages of the standard."
  (let ((package (%existing-package "CLYSM")))
    (%hide-internals package)
    (%lock package :sealed))
  (lock-package "COMMON-LISP")
  (lock-package "KEYWORD")
  (setq *%sealed* t))

;;; Gates.

(defun %closed-gate (symbol)
  (let ((gate (lambda (&rest arguments)
                (declare (ignore arguments))
                (%error 'capability-error :name symbol
                                          :format-control "~S reaches tools that this program did not name: a call must be written in ~
                                                           its source."
                                          :format-arguments (list symbol)))))
    (%set function name gate symbol)
    gate))

(defun %close-gate (cell symbol)
  "Puts a gate for the export SYMBOL into the function cell of the symbol CELL, if that has a function."
  (let ((function (%get symbol function cell)))
    (unless (%undefined-function-p function)
      (setf (gethash cell *%gated*) function)
      (%set symbol function cell (%closed-gate symbol)))))

(defun %open-gate (cell)
  (let ((function (gethash cell *%gated*)))
    (when function
      (%set symbol function cell function)
      (remhash cell *%gated*))))

(defmacro %do-cells ((cell symbol) &body body)
  "Runs BODY with CELL bound to each symbol whose function cell belongs to SYMBOL: itself, and that of (SETF symbol) if there is one."
  `(dolist (,cell (list ,symbol (%get symbol setf ,symbol)))
     (when ,cell
       ,@body)))

(defun %close-gates (exports)
  (unless *%gated*
    (setq *%gated* (make-hash-table :test #'eq)))
  (dolist (export exports)
    (destructuring-bind (symbol kind) export
      (when (eq kind :function)
        (%do-cells (cell symbol)
          (%close-gate cell symbol))))))

(defun %open-gates (symbols)
  "Gives those of SYMBOLS their functions back that are exports with closed gates."
  (dolist (symbol symbols)
    (%do-cells (cell symbol)
      (%open-gate cell))))

;;; What the host calls, once.

(defun %seal-preludes (packages exports hidden &optional internal)
  "Seals the packages with the names PACKAGES, which hold preludes. EXPORTS are lists (SYMBOL KIND), KIND :FUNCTION or :CONSTANT, for
all exports; HIDDEN are external symbols that no program shall find; INTERNAL are symbols whose functions the preludes only call
directly: a program that gets hold of such a symbol can't call it."
  (dolist (name packages)
    (%seal-package (%existing-package name) hidden))
  (dolist (export exports)
    (%seal-symbol (first export))
    (push (first export) *%exports*))
  (%close-gates exports)
  (dolist (symbol internal)
    (%set symbol function symbol (%undefined-function-cell symbol)))
  (%seal-library)
  nil)
