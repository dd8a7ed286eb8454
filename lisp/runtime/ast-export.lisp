;;;; The compiler's entities as Lisp functions (seed 000): AST literals, struct types, instructions of literals.

(in-package :clysm)

(defstruct (ast-literal (:constructor %make-ast-literal (value literal-type)) (:copier nil))
  (value nil :read-only t)
  (literal-type :nil :read-only t))

;;; What each literal type may hold, the most specific first: the first that fits is the type of a value.
(defglobal *literal-types*
  (list (list :nil #'null)
        (list :t (lambda (value) (eq value t)))
        (list :keyword #'keywordp)
        (list :symbol #'symbolp)
        (list :fixnum (lambda (value) (%fixnump value)))
        (list :integer #'integerp)
        (list :ratio (lambda (value) (and (rationalp value) (not (integerp value)))))
        (list :single-float (lambda (value) (typep value 'single-float)))
        (list :double-float (lambda (value) (typep value 'double-float)))
        (list :complex #'complexp)
        (list :character #'characterp)
        (list :string #'stringp)
        (list :object (lambda (value) (declare (ignore value)) t))))

(defun %literal-type-of (value)
  (first (find-if (lambda (entry) (funcall (second entry) value)) *literal-types*)))

(defun make-ast-literal (&key value (literal-type (%literal-type-of value)))
  "An AST literal of VALUE.  LITERAL-TYPE must be a type of literals that VALUE can be; by default it is the most
specific one."
  (let ((entry (assoc literal-type *literal-types*)))
    (unless entry
      (%type-error literal-type `(member ,@(mapcar #'first *literal-types*))))
    (unless (funcall (second entry) value)
      (%error 'simple-type-error :datum value :expected-type literal-type
                                :format-control "~S is not a literal of type ~S."
                                :format-arguments (list value literal-type)))
    (%make-ast-literal value literal-type)))

;;; Struct types.  A field is a name or (name type &key mutable).

(defstruct (wasm-struct-type (:constructor %make-wasm-struct-type (name fields super final)) (:copier nil))
  (name nil :read-only t)
  (fields '() :read-only t)
  (super nil :read-only t)
  (final t :read-only t))

(defun %check-field (field)
  (unless (or (and field (symbolp field))
              (stringp field)
              (and (consp field) (or (symbolp (car field)) (stringp (car field))) (listp (cdr field))))
    (%type-error field '(or symbol string cons))))

(defun make-wasm-struct-type (&key name fields super (final t))
  "A description of a WasmGC struct type: its NAME, its FIELDS, each a name or a list of a name, a storage type and
options, the type that it extends or NIL, and whether others may not extend it."
  (unless (or (symbolp name) (stringp name)) (%type-error name '(or symbol string)))
  (unless (listp fields) (%type-error fields 'list))
  (unless (or (symbolp super) (stringp super) (wasm-struct-type-p super))
    (%type-error super '(or symbol string wasm-struct-type)))
  (dolist (field fields) (%check-field field))
  (%make-wasm-struct-type name (copy-list fields) super (if final t nil)))

;;; Numbers

(defun get-numeric-value (object)
  "The number that OBJECT, a number or an AST literal of one, stands for."
  (let ((value (if (ast-literal-p object) (ast-literal-value object) object)))
    (unless (numberp value) (%type-error object 'number))
    value))

;;; Instructions.  A literal that is no constant expression of Wasm is an object of the module's literal table.

(defun %literal-instructions (value)
  "The symbolic instructions that push the object VALUE."
  (cond ((null value) '((:global.get $nil)))
        ((eq value t) '((:global.get $t)))
        ((%fixnump value) `((:i32.const ,value) (:ref.i31)))
        ((characterp value) `((:i32.const ,(char-code value)) (:struct.new $character)))
        ((typep value 'single-float) `((:f32.const ,value) (:struct.new $single)))
        ((typep value 'double-float) `((:f64.const ,value) (:struct.new $double)))
        ((stringp value)
         `(,@(map 'list (lambda (character) `(:i32.const ,(char-code character))) value)
           (:array.new_fixed $string ,(length value))))
        (t (%not-yet-supported "instructions of the literal ~S" value))))

(defun compile-to-instructions (ast env)
  "The symbolic Wasm instructions that compute AST, an AST literal or a self-evaluating object, in the environment ENV."
  (declare (ignore env))
  (let ((value (if (ast-literal-p ast) (ast-literal-value ast) ast)))
    (if (or (ast-literal-p ast) (constantp ast))
        (%literal-instructions (if (and (consp value) (eq (car value) 'quote)) (cadr value) value))
        (%not-yet-supported "instructions of ~S" ast))))
