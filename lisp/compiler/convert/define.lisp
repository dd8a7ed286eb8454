;;;; The defining macros as expressions: what they do when they are evaluated. Their compile-time side is in toplevel.lisp.

(in-package :clysm-compiler)

(defun convert-definition (operator form)
  "The node of FORM, whose operator is the defining macro OPERATOR."
  (case operator
    (:defun (convert-local-defun form))
    (:defmacro (values (convert-defmacro form)))
    (:defvar (convert-defvar form))
    (:defparameter (convert-defparameter form 'clysm::%declare-special :special))
    (:defconstant (convert-defconstant form))
    (:defglobal (convert-defparameter form 'clysm::%declare-global :global))
    (:declaim (convert-declaim form))
    (:in-package (convert-in-package form))
    (:defpackage (convert-expand-in-image (car form) form))
    (t (convert-malformed form "may stand at toplevel only"))))

;;; Functions and macros.

(defun convert-local-defun (form)
  "(DEFUN NAME LAMBDA-LIST . BODY) within other forms"
  (multiple-value-bind (define symbol) (convert-defun form)
    (let ((record (convert-function-documentation form symbol)))
      (convert-progn-node (if record (list define record) (list define))))))

(defun convert-defun (form)
  "(DEFUN NAME LAMBDA-LIST . BODY) without the record of its docstring: the node, the name's symbol and the function."
  (unless (consp (cdr form))
    (convert-malformed form "no name"))
  (multiple-value-bind (symbol block) (convert-function-name (second form))
    (let ((function (convert-lambda symbol (cddr form) block t)))
      (setf (lambda-function-escapes function) t)
      (let ((closure (convert-closure-node function)))
        (values (convert-call-system 'clysm::%defun (convert-literal symbol) closure)
                symbol
                function)))))

(defun convert-function-documentation (form name)
  "The record of the docstring of a DEFUN form, if there is one; its value is the name. At toplevel it is a form of its own, as the
definition need not run."
  (let ((docstring (docstring-of (convert-list (cdddr form) "DEFUN"))))
    (if (and docstring (not (host-library-p *host*)))
        (convert-progn-node (list (convert-documentation name 'function docstring)
                                  (convert-literal name)))
        nil)))

(defun convert-documented (definition name namespace docstring)
  "A DEFINITION, whose value is the name that it defines, and the record of its docstring after it."
  (if (and docstring (not (host-library-p *host*)))
      (convert-progn-node (list definition
                                (convert-documentation name namespace docstring)
                                (convert-literal name)))
      definition))

(defun convert-documentation (name namespace docstring)
  (convert-call-system 'clysm::%set-documentation
                       (convert-literal name)
                       (convert-literal namespace)
                       (convert-literal docstring)))

(defun convert-define-raw (form)
  "(%DEFINE-RAW NAME ((PARAMETER REPRESENTATION) ...) RESULT . BODY), a function with a Wasm signature of its own: its symbol and the
function."
  (destructuring-bind (name parameters result . body) (convert-operands form 3 nil)
    (unless (symbolp name)
      (convert-malformed form "the name is not a symbol"))
    (let ((representations (mapcar (lambda (parameter) (convert-raw-parameter form parameter))
                                   (convert-list parameters "%DEFINE-RAW"))))
      (unless (symbolp result)
        (convert-malformed form "no result representation"))
      (let* ((result (convert-raw-representation form result))
             (function (convert-lambda name (cons (mapcar #'first parameters) body) name t)))
        (loop for variable in (parameters-required (lambda-function-parameters function))
              for representation in representations
              do (setf (variable-info-declared variable) representation))
        (setf (lambda-function-raw function) (cons representations result))
        (values name function)))))

(defun convert-raw-parameter (form parameter)
  "The representation of PARAMETER, (NAME REPRESENTATION)."
  (unless (and (consp parameter)
               (eql (list-length-or-nil parameter) 2)
               (every #'symbolp parameter))
    (convert-malformed form "a parameter is not (name representation)"))
  (convert-raw-representation form (second parameter)))

(defun convert-raw-representation (form name)
  "The representation that the symbol NAME, of whatever package, stands for."
  (let ((known (assoc (symbol-name name)
                      '(("EQ" . :object) ("I32" . :i32) ("I64" . :i64) ("F32" . :f32) ("F64" . :f64) ("CONDITION" . :condition))
                      :test #'string=)))
    (if known
        (cdr known)
        (convert-malformed form "a representation is one of EQ I32 I64 F32 F64 CONDITION"))))

(defun convert-defmacro (form)
  "(DEFMACRO NAME LAMBDA-LIST . BODY): the node and the name."
  (destructuring-bind (name lambda-list . body) (convert-operands form 2 nil)
    (unless (symbolp name)
      (convert-malformed form "the name is not a symbol"))
    (let* ((expander (convert-ask (lambda () (clysm::%parse-macro name lambda-list body))
                                  (lambda () (format nil "lambda list of macro ~A" (qualified-name name)))))
           (closure (convert-closure name (cdr expander) nil))
           (define (convert-call-system 'clysm::%defmacro (convert-literal name) closure)))
      (values (convert-documented define name 'function (docstring-of body))
              name))))

(defun convert-note-macro (name)
  (setf (facts-operator (world-facts-mut name)) :macro))

;;; Variables.

(defun convert-defvar (form)
  "(DEFVAR NAME [VALUE [DOCSTRING]])"
  (let* ((operands (convert-operands form 1 3))
         (name (convert-variable-name form (first operands))))
    (convert-proclaim-variable name :special)
    (let* ((declare (convert-call-system 'clysm::%declare-special (convert-literal name)))
           (define (if (rest operands)
                       (convert-if-node declare (convert-set-special name (second operands)) (node-nil))
                       declare)))
      (convert-documented (convert-progn-node (list define (convert-literal name)))
                          name 'variable (third operands)))))

(defun convert-set-special (name form)
  "The assignment of the value of FORM to the dynamic variable NAME."
  (let ((value (convert-form form)))
    (make-set-special-node :span (converter-span *converter*) :symbol name :value value)))

(defun convert-defparameter (form declaration fact)
  "(DEFPARAMETER NAME VALUE [DOCSTRING]), or another macro like that: DECLARATION is the function that makes NAME a variable of its
kind, FACT what it then is."
  (let* ((operands (convert-operands form 2 3))
         (name (convert-variable-name form (first operands))))
    (convert-proclaim-variable name fact)
    (let* ((declare (convert-call-system declaration (convert-literal name)))
           (assign (convert-set-special name (second operands))))
      (convert-documented (convert-progn-node (list declare assign (convert-literal name)))
                          name 'variable (third operands)))))

(defun convert-defconstant (form)
  "(DEFCONSTANT NAME VALUE [DOCSTRING])"
  (let* ((operands (convert-operands form 2 3))
         (name (convert-variable-name form (first operands)))
         (value (convert-form (second operands))))
    (setf (facts-variable (world-facts-mut name))
          (if (literal-node-p value)
              (known-constant-fact (ast-literal-value (literal-node-literal value)))
              (unknown-constant-fact)))
    (convert-documented (convert-call-system 'clysm::%defconstant (convert-literal name) value)
                        name 'variable (third operands))))

(defun convert-variable-name (form operand)
  (unless (symbolp operand)
    (convert-malformed form "the name is not a symbol"))
  operand)

(defun convert-proclaim-variable (name fact)
  "Notes what NAME, unless it is a constant, is as a variable."
  (let ((facts (world-facts-mut name)))
    (unless (constant-fact-p (facts-variable facts))
      (setf (facts-variable facts) fact))))

(defun convert-declaim (form)
  "(DECLAIM SPECIFIER ...): noted at compile time, proclaimed at run time."
  (let ((nodes '()))
    (dolist (specifier (convert-operands form 0 nil))
      (let ((head (if (consp specifier) (car specifier) nil)))
        (dolist (name (convert-list (if (consp specifier) (cdr specifier) nil) "DECLAIM"))
          (when (symbolp name)
            (case head
              (special (convert-proclaim-variable name :special))
              (notinline (setf (facts-notinline (world-facts-mut name)) t))
              (inline (setf (facts-notinline (world-facts-mut name)) nil)))))
        (when (eq head 'special)
          (push (convert-call-global 'proclaim (list (convert-literal specifier))) nodes))))
    (push (node-nil) nodes)
    (convert-progn-node (nreverse nodes))))

;;; Packages, and EVAL-WHEN.

(defun convert-in-package (form)
  "(IN-PACKAGE NAME): the reader's package changes at once."
  (let* ((name (convert-designated-string form (first (convert-operands form 1 1))))
         (package (find-package name)))
    (cond (package (setq *package* package))
          ;; The image will say so, unless the package is made until then.
          ((host-follows-packages *host*))
          (t (convert-malformed form (format nil "there is no package ~A" name))))
    (if (eq (facts-operator (world-facts 'clysm::%in-package)) :function)
        (convert-call-system 'clysm::%in-package (convert-literal name))
        ;; The library's own files come before there are packages at run time.
        (node-nil))))

(defun convert-designated-string (form designator)
  "The string that a string designator designates (CLHS glossary)."
  (if (typep designator '(or symbol character string))
      (string designator)
      (convert-malformed form "not a string designator")))

(defun convert-situations (list)
  "Those of :COMPILE-TOPLEVEL, :LOAD-TOPLEVEL and :EXECUTE that are in an EVAL-WHEN's LIST of situations, in either spelling."
  (mapcar (lambda (situation)
            (let* ((name (if (symbolp situation) (symbol-name situation) ""))
                   (known (assoc name
                                 '(("COMPILE-TOPLEVEL" . :compile-toplevel) ("COMPILE" . :compile-toplevel)
                                   ("LOAD-TOPLEVEL" . :load-toplevel) ("LOAD" . :load-toplevel)
                                   ("EXECUTE" . :execute) ("EVAL" . :execute))
                                 :test #'string=)))
              (if known
                  (cdr known)
                  (convert-malformed list "an unknown situation"))))
          (convert-list list "EVAL-WHEN")))
