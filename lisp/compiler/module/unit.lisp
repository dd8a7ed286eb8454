;;;; Forms that become one module, and how they get there: each is lowered with the unit's literals. Mirrors module/unit.rs.
;;;;
;;;; What a toplevel form is to the linker, its kind: (:function SYMBOL FUNCTION), the definition of a global function;
;;;; (:raw SYMBOL FUNCTION), of one with a raw signature, callable only directly; (:macro SYMBOL); (:expression SYMBOL), anything
;;;; that is evaluated for effect or value, with the symbol it defines something for, or NIL.

(in-package :clysm-compiler)

(defstruct (unit-form (:copier nil))
  "A form ready to be linked."
  kind
  lowered                               ; its code, a lowered form
  toplevel                              ; the function of the tree that is its toplevel
  (installed t))                        ; whether a function that it defines gets into the symbol's function cell

(defstruct (unit (:copier nil))
  "Forms that become one module."
  (forms (make-array 64 :adjustable t :fill-pointer 0))
  (literals (make-literal-pool))
  (packages nil)                        ; the number of the literal that describes the packages, where a form asks for it
  (all-symbols nil)                     ; whether the module brings the external symbols of all packages, beyond those that
                                        ; its code refers to
  (calls-objects nil)                   ; whether anything calls function objects; otherwise there are no entries for them
  (function-names nil)                  ; whether the module names its functions, for stack traces
  (export-definitions nil)              ; whether the module exports its functions, and all else that an image provides
  (sources '())                         ; (PATH . TEXT) of the texts that the module keeps
  (program-p nil))                      ; whether the module is a program, which ends when its forms have run

(defun form-function (kind)
  "The function of the tree that a form of that kind defines globally, or NIL."
  (and (member (first kind) '(:function :raw))
       (third kind)))

(defun defined-function (kind)
  "The symbol of the global function that a form of that kind defines; the second value is false if there is none."
  (if (member (first kind) '(:function :raw))
      (values (second kind) t)
      (values nil nil)))

(defun unit-complete (packages)
  "A unit for a module in which everything can be found by name at run time. PACKAGES describes the packages."
  (let ((unit (make-unit :all-symbols t :calls-objects t :function-names t)))
    (setf (unit-packages unit) (literal-pool-add (unit-literals unit) packages))
    unit))

(defun system-symbol-p (symbol)
  "Whether a symbol is the library's own, or the standard's."
  (let ((package (symbol-package symbol)))
    (and package
         (or (eq package (load-time-value (find-package "COMMON-LISP")))
             (eq package (load-time-value (find-package "CLYSM")))))))

(defun form-direct-p (own is-direct)
  "The function that tells for a symbol whether the form that defines the function OWN, or NIL, calls that global function
directly. IS-DIRECT tells it for all forms."
  (if (and own (not (facts-notinline (world-facts own))))
      (lambda (symbol) (or (eq symbol own) (funcall is-direct symbol)))
      is-direct))

(defun form-keeps-frame (own)
  "The function that tells for a symbol whether the form that defines the function OWN, or NIL, keeps its frame when it calls
that global function. What a program calls in the library comes back soon; but APPLY may call what called it."
  (if (and own (system-symbol-p own))
      (constantly nil)
      (lambda (symbol) (and (not (eq symbol 'apply)) (system-symbol-p symbol)))))

(defun unit-add (unit form is-direct)
  "Lowers a form and adds it; returns the unit's form. IS-DIRECT tells whether calls of a global function go to its Wasm
function directly."
  (let* ((kind (top-form-kind form))
         (own (defined-function kind))
         (*lower-context* (make-lower-context :is-direct (form-direct-p own is-direct)
                                              :keeps-frame (form-keeps-frame own)
                                              :literals (unit-literals unit)))
         (ast (top-form-ast form))
         (added (make-unit-form :kind kind
                                :lowered (lower-form ast)
                                :toplevel (aref (ast-functions ast) 0))))
    (vector-push-extend added (unit-forms unit))
    added))

(defun count-definitions (forms)
  "A hash table that says for the symbol of each global function how often FORMS define it, up to two."
  (let ((counts (make-hash-table :test 'eq)))
    (dolist (form forms counts)
      (multiple-value-bind (symbol found) (defined-function (top-form-kind form))
        (if found
            (setf (gethash symbol counts) (if (gethash symbol counts) 2 1)))))))

(defun complete-unit (forms packages)
  "The unit of a module of all FORMS, a list, in which everything can be found by name at run time. PACKAGES describes the
packages. Functions that are defined again are called through their symbols, and each definition takes effect when it runs."
  (let ((counts (count-definitions forms))
        (unit (unit-complete packages)))
    (unit-add-all unit forms counts (lambda (symbol) (directly-called-p symbol counts)))
    unit))

(defun file-unit (library program)
  "The unit of a compiled file: the forms of a PROGRAM, a list, which call the functions of the LIBRARY before it directly."
  (let ((counts (count-definitions library))
        (own (count-definitions program))
        (unit (make-unit :calls-objects t :program-p t)))
    (unit-add-all unit program own (lambda (symbol)
                                     (and (directly-called-p symbol counts)
                                          (not (gethash symbol own)))))
    unit))

(defun unit-add-all (unit forms counts is-direct)
  "Lowers FORMS and adds them. COUNTS says how often they define each function: the definitions of one that is defined again take effect
when they run."
  (flet ((again-p (kind)
           (and (eq (first kind) :function)
                (eql (gethash (second kind) counts) 2))))
    (dolist (form forms)
      (unit-add unit
                (if (again-p (top-form-kind form))
                    (let ((expression (copy-top-form form)))
                      (setf (top-form-kind expression) '(:expression nil))
                      expression)
                    form)
                is-direct))))

(defun directly-called-p (symbol counts)
  "Whether calls of a global function go to its Wasm function. COUNTS says how often it is defined."
  (and (eql (gethash symbol counts) 1)
       (or (not (facts-notinline (world-facts symbol)))
           (signature-raw (world-signature symbol)))))

(defun describe-packages (packages)
  "A vector with, for each package, a vector of its name, its nicknames, the names of the packages it uses, and the names of its
external symbols that are at home elsewhere."
  (map 'simple-vector
       (lambda (package)
         (vector (package-name package)
                 (package-nicknames package)
                 (mapcar #'package-name (package-use-list package))
                 (foreign-externals package)))
       packages))

(defun foreign-externals (package)
  "The names of the external symbols of PACKAGE that are at home elsewhere, in order."
  (let ((names '()))
    (do-external-symbols (symbol package)
      (unless (eq (symbol-package symbol) package)
        (push (symbol-name symbol) names)))
    (sort names #'string<)))
