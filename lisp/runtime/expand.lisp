;;;; Names, environments and macro expansion (CLHS 3.1.2, 3.8): what every macro definition and every expander rests on.
;;;;
;;;; An environment object is NIL or a list of entries, innermost first:
;;;;   (:macro NAME . FUNCTION)              a local macro
;;;;   (:function NAME)                      a local function, NAME a symbol or (SETF symbol): shadows global macros and expanders
;;;;   (:symbol-macro NAME . EXPANSION)      a local symbol macro
;;;;   (:variable NAME)                      a local variable: shadows symbol macros
;;;; Other entries are facts for the compiler alone and are passed over.

(in-package :clysm)

;;; Function names.

(defun %setf-name-p (name)
  "True when NAME is a list (SETF symbol)."
  (and (consp name)
       (eq (car name) 'setf)
       (consp (cdr name))
       (symbolp (car (cdr name)))
       (null (cdr (cdr name)))))

(defun %function-name-symbol (name)
  "The symbol whose function cell holds the global function NAME, a symbol or (SETF symbol)."
  (cond ((symbolp name) name)
        ((%setf-name-p name) (%setf-symbol (car (cdr name))))
        (t (%type-error name '(or symbol (cons (eql setf) (cons symbol null)))))))

(defun %block-name (name)
  "The name of the implicit block of a function called NAME."
  (if (consp name) (car (cdr name)) name))

(defun %set-fdefinition (name function)
  "Makes FUNCTION the global definition of NAME, in place of any function or macro. Returns NAME."
  (unless (%is function function)
    (%type-error function 'function))
  (%check-lock :function name)
  (let ((symbol (%function-name-symbol name)))
    (when (%flag-p symbol 4)
      (%clear-flag symbol 4)
      (%remove-info symbol :macro))
    (unless (%get function name function)
      (%set function name function name))
    (%set symbol function symbol function)
    name))

(defun %set-macro-function (symbol function)
  "Makes FUNCTION, which takes a form and an environment, the global macro function of SYMBOL. Returns SYMBOL."
  (%check-lock :macro symbol)
  (unless (%get function name function)
    (%set function name function symbol))
  (%set-info symbol :macro function)
  (%set symbol function symbol (%undefined-function-cell symbol))
  (%set-flag symbol 4)
  symbol)

(defun %set-compiler-macro (name function)
  "Makes FUNCTION the compiler macro of NAME; none when FUNCTION is NIL. Returns NAME."
  (%check-lock :compiler-macro name)
  (let ((symbol (%function-name-symbol name)))
    (%note-facts symbol)
    (if function
        (%set-info symbol :compiler-macro function)
        (%remove-info symbol :compiler-macro)))
  name)

(defun %written-name (name)
  "The function name that NAME, which a function object or a call carries, stands for: (SETF symbol) where that is the symbol of
its function cell."
  (let ((base (if (and name (%is symbol name)) (%info name :setf-of) nil)))
    (if base (list 'setf base) name)))

;;; Environments.

(defun %same-name-p (entry-name name)
  "True when ENTRY-NAME, which stands in an environment, is the function name NAME. In place of (SETF symbol) the compiler writes
the symbol of its function cell."
  (or (eq entry-name name)
      (and (consp name)
           (or (and (consp entry-name)
                    (eq (car (cdr entry-name)) (car (cdr name))))
               (and entry-name
                    (eq entry-name (%get symbol setf (car (cdr name)))))))))

(defun %function-entry (name environment)
  "The innermost entry for the function or macro NAME in ENVIRONMENT, or NIL."
  (dolist (entry environment nil)
    (cond ((eq (car entry) :macro)
           (when (eq (car (cdr entry)) name)
             (return entry)))
          ((eq (car entry) :function)
           (when (%same-name-p (car (cdr entry)) name)
             (return entry))))))

(defun %variable-entry (name environment)
  "The innermost entry for the variable or symbol macro NAME in ENVIRONMENT, or NIL."
  (dolist (entry environment nil)
    (when (and (or (eq (car entry) :symbol-macro) (eq (car entry) :variable))
               (eq (car (cdr entry)) name))
      (return entry))))

(defun %locally-bound-p (name environment)
  "True when NAME is a local function or macro in ENVIRONMENT."
  (if (%function-entry name environment) t nil))

(defun %macro-function-in (symbol environment)
  "The macro function of SYMBOL as seen from ENVIRONMENT, or NIL."
  (let ((entry (if environment (%function-entry symbol environment) nil)))
    (cond ((null entry)
           (if (%flag-p symbol 4) (%info symbol :macro) nil))
          ((eq (car entry) :macro) (cdr (cdr entry)))
          (t nil))))

(defun %symbol-macro-expansion (symbol environment)
  "The expansion of SYMBOL and true when SYMBOL is a symbol macro in ENVIRONMENT, else SYMBOL and false."
  (let ((entry (if environment (%variable-entry symbol environment) nil)))
    (cond ((null entry)
           (if (%flag-p symbol 8)
               (values (%info symbol :symbol-macro) t)
               (values symbol nil)))
          ((eq (car entry) :symbol-macro) (values (cdr (cdr entry)) t))
          (t (values symbol nil)))))

;;; Expansion (CLHS 3.8 MACROEXPAND, *MACROEXPAND-HOOK*).

(defvar *macroexpand-hook* 'funcall)

(defun %call-expander (expander form environment)
  "The expansion of FORM by the macro or compiler macro function EXPANDER, called through *MACROEXPAND-HOOK*."
  (if (eq *macroexpand-hook* 'funcall)
      (funcall expander form environment)
      (funcall *macroexpand-hook* expander form environment)))

(defun macroexpand-1 (form &optional environment)
  (cond ((symbolp form)
         (multiple-value-bind (expansion expanded) (%symbol-macro-expansion form environment)
           (if expanded
               (values (%call-expander (lambda (form environment)
                                         (declare (ignore form environment))
                                         expansion)
                                       form environment)
                       t)
               (values form nil))))
        ((and (consp form) (symbolp (car form)))
         (let ((expander (%macro-function-in (car form) environment)))
           (if expander
               (values (%call-expander expander form environment) t)
               (values form nil))))
        (t (values form nil))))

(defun macroexpand (form &optional environment)
  (let ((any nil))
    (do () (nil)
      (multiple-value-bind (expansion expanded) (macroexpand-1 form environment)
        (unless expanded
          (return (values form any)))
        (setq form expansion
              any t)))))

(defun macro-function (symbol &optional environment)
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (%macro-function-in symbol environment))

(defun (setf macro-function) (function symbol &optional environment)
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (when environment
    (%error "A macro function can be set in the global environment only, not in ~S" environment))
  (%set-macro-function symbol (%callable function))
  function)

(defun compiler-macro-function (name &optional environment)
  (let ((symbol (%function-name-symbol name)))
    (if (%locally-bound-p name environment)
        nil
        (%info symbol :compiler-macro))))

(defun (setf compiler-macro-function) (function name &optional environment)
  (when environment
    (%error "A compiler macro function can be set in the global environment only, not in ~S" environment))
  (%set-compiler-macro name (if function (%callable function) nil))
  function)

;;; What the compiler asks the image for while it converts code.

(defun %number-names-from (number)
  "Has GENSYM count from NUMBER on, unless that is NIL. Returns the number that was next before. The compiler of a file calls it
with 1000 times the number of each toplevel form of the program, from 1, before it expands a macro for the form; and before what a form
evaluates at compile time, whose names don't count. So names that macros make depend on the program alone."
  (let ((next *gensym-counter*))
    (when number
      (setq *gensym-counter* number))
    next))

(defun %expand-macro (name form environment)
  "The expansion of FORM by the global macro NAME."
  (%call-expander (%info name :macro) form environment))

(defun %expand-compiler-macro (form environment)
  "A list of the expansion of FORM by its compiler macro, or NIL when that declines."
  (let* ((name (if (eq (car form) 'funcall)
                   (car (cdr (car (cdr form))))
                   (car form)))
         (expander (%info (%function-name-symbol name) :compiler-macro)))
    (if expander
        (let ((expansion (%call-expander expander form environment)))
          (if (eq expansion form) nil (list expansion)))
        nil)))

(defun %make-expander (definition environment)
  "The macro function for DEFINITION, (name lambda-list . body) as in MACROLET, in ENVIRONMENT."
  (%eval-in-env (%parse-macro (car definition) (car (cdr definition)) (cdr (cdr definition)) environment)
                environment))

;;; Documentation strings, kept beside the name that they document. DOCUMENTATION itself is in environment.lisp.

(defun %documentation (name type)
  "The documentation string of NAME, a symbol or (SETF symbol), in the namespace TYPE, or NIL."
  (cdr (%assq type (%info (%function-name-symbol name) :documentation))))

(defun %set-documentation (name type string)
  "Records STRING as documentation of NAME in the namespace TYPE; forgets it when STRING is NIL."
  (%check-lock :documentation name)
  (let* ((symbol (%function-name-symbol name))
         (strings (%info symbol :documentation))
         (known (%assq type strings)))
    (cond (known (rplacd known string))
          (string (%set-info symbol :documentation (cons (cons type string) strings))))
    string))

;;; Global variables.

(defun %check-variable-name (symbol)
  "Signals unless SYMBOL may name a variable that changes."
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (when (%flag-p symbol 2)
    (%program-error "~S is a constant" symbol)))

(defun %check-value-cell (operation symbol)
  "Signals unless the value of SYMBOL may be changed by OPERATION."
  (%check-variable-name symbol)
  (%check-lock operation symbol))

(defun %proclaim-special (symbol)
  (%check-value-cell :special symbol)
  (when (%flag-p symbol 8)
    (%program-error "~S is a symbol macro and cannot be special" symbol))
  (%set-flag symbol 1))

(defun %defvar (symbol documentation)
  "Proclaims SYMBOL special. True when it still wants its initial value."
  (%proclaim-special symbol)
  (when documentation
    (%set-documentation symbol 'variable documentation))
  (eq (%get symbol value symbol) (%unbound)))

(defun %defparameter (symbol value documentation)
  "Proclaims SYMBOL special and gives it VALUE. Returns SYMBOL."
  (%proclaim-special symbol)
  (when documentation
    (%set-documentation symbol 'variable documentation))
  (%set symbol value symbol value)
  symbol)

(defun %defconstant (symbol value &optional documentation)
  "Makes SYMBOL a constant with VALUE. A constant may be defined again with a similar value, and then keeps the old one."
  (%check-lock :constant symbol)
  (when (%flag-p symbol 8)
    (%program-error "~S is a symbol macro and cannot be a constant" symbol))
  (when documentation
    (%set-documentation symbol 'variable documentation))
  (cond ((and (%flag-p symbol 2) (not (eq (%get symbol value symbol) (%unbound))))
         (unless (equal (%get symbol value symbol) value)
           (%error "The constant ~S has the value ~S and cannot be redefined as ~S"
                  symbol (%get symbol value symbol) value)))
        (t (%set symbol value symbol value)
           (%set-flag symbol 3)))
  symbol)

(defun %define-symbol-macro (symbol expansion)
  "Makes SYMBOL a global symbol macro for EXPANSION. Returns SYMBOL."
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (%check-lock :symbol-macro symbol)
  (when (%flag-p symbol 3)
    (%program-error "~S is a special variable or a constant and cannot be a symbol macro" symbol))
  (%set-info symbol :symbol-macro expansion)
  (%set-flag symbol 8)
  symbol)

;;; What definitions do when they run. A new definition has no documentation until it records its own.

(defun %defun (name function)
  (%check-lock :function name)
  (%set-documentation name 'function nil)
  (%set-fdefinition name function))

(defun %defmacro (symbol function)
  (%check-lock :macro symbol)
  (%set-documentation symbol 'function nil)
  (%set-macro-function symbol function))

(defun %declare-special (symbol)
  "Proclaims SYMBOL special. True when it has no value yet."
  (%defvar symbol nil))

(defun %declare-global (symbol)
  "Makes SYMBOL a global variable that is never bound dynamically."
  (%check-variable-name symbol)
  (%set-flag symbol 17))

;;; Proclamations (CLHS 3.3).

(defvar *%declarations* nil
  "The declaration identifiers proclaimed by (DECLARATION ...).")

(defun %proclaim-inline (name inline)
  (let ((symbol (%function-name-symbol name)))
    (if inline (%clear-flag symbol 32) (%set-flag symbol 32))))

(defun %proclaim (specifier)
  "Applies the declaration SPECIFIER globally. Types and optimisation qualities are checked by the compiler where it uses them."
  (when (or (not (consp specifier)) (eq (%proper-length specifier) -1))
    (%type-error specifier '(cons symbol list)))
  (let ((identifier (car specifier)))
    (dolist (name (cdr specifier))
      (cond ((eq identifier 'special) (%proclaim-special name))
            ((eq identifier 'inline) (%proclaim-inline name t))
            ((eq identifier 'notinline) (%proclaim-inline name nil))
            ((eq identifier 'declaration)
             (unless (symbolp name)
               (%type-error name 'symbol))
             (unless (%memq name *%declarations*)
               (push name *%declarations*)))))))

(defun proclaim (declaration-specifier)
  (%proclaim declaration-specifier)
  nil)
