;;;; Inline code of standard functions. Each has a fast path for the common representation; anything else, errors
;;;; included, is the business of the library's own function. Mirrors lower/inline.rs.
;;;;
;;;; What does the work when the inline code does not, the PATH, is (:function NAME), the library's function of that
;;;; name, or (:runtime NAME), the runtime function.

(in-package :clysm-compiler)

(defun lower-intrinsic (intrinsic name arguments span)
  "Writes a call of an inline function; returns the representation of its value."
  (destructuring-bind (kind &optional which) intrinsic
    (ecase kind
      (:cons-field (lower-cons-field which name (first arguments)))
      (:replace (lower-replace which name (first arguments) (second arguments) t))
      (:set-cons-field (lower-replace which name (second arguments) (first arguments) nil))
      (:cons
       (lower-object (first arguments))
       (lower-object (second arguments))
       (lower-new-cons)
       :object)
      (:list
       (lower-list-of arguments)
       :object)
      (:list* (lower-list* arguments))
      (:not
       (lower-condition (first arguments))
       (op :i32.eqz)
       :condition)
      (:identity (lower-natural-node (first arguments)))
      (:arithmetic (lower-fold which arguments span))
      (:step (lower-step which (first arguments) span))
      ((:eq :eql :endp :test :compare :not-equal :sign :char-equal)
       (lower-test-call intrinsic name arguments span :value)
       :condition)
      (:svref (lower-element :simple-vector arguments (list :function name)))
      (:char (lower-element :string arguments (list :function name)))
      (:aref
       (lower-element (or (vector-of (first arguments)) :simple-vector) arguments '(:runtime clysm::generic-aref)))
      (:set-svref (lower-set-element :simple-vector arguments (list :function name)))
      (:set-aref
       (lower-set-element (or (vector-of (second arguments)) :simple-vector) arguments
                          '(:runtime clysm::generic-set-aref)))
      (:char-code (lower-char-code name (first arguments)))
      (:code-char (lower-code-char name (first arguments)))
      ((:mod :rem) (lower-remainder kind name arguments)))))

;;; The slow path

(defun lower-slow (name &rest locals)
  "The library's own function, as the slow path: its arguments are in LOCALS."
  (lower-slow-with name (length locals) (lambda () (mapc #'code-get locals))))

(defun lower-slow-with (name count arguments)
  "The same with COUNT arguments that the function ARGUMENTS pushes."
  (let ((signature (and (lower-direct-p name) (world-signature name))))
    (cond ((and signature (eql (signature-parameter-count signature) count))
           (op :ref.null :function)
           (funcall arguments)
           (code-call (list :global name)))
          (t
           (let ((function (lower-begin-cell-call name)))
             (funcall arguments)
             (lower-finish-cell-call function count))))))

(defun lower-slow-path (path count arguments)
  "What PATH says, with COUNT arguments that the function ARGUMENTS pushes."
  (destructuring-bind (kind name) path
    (if (eq kind :function)
        (lower-slow-with name count arguments)
        (lower-call-runtime name (funcall arguments)))))

;;; Conses

(defun lower-new-cons ()
  "Makes a cons of the two objects on the stack."
  (code-i32 0)
  (op :struct.new (gc-type-index :cons)))

(defun lower-cons-field (field name list)
  "CAR or CDR."
  (let ((cons (lower-known list :cons)))
    (if cons
        (progn (code-get cons)
               (op :struct.get (gc-type-index :cons) field))
        (let* ((done (code-block (eq-ref)))
               (other (code-block (eq-ref))))
          (lower-object list)
          (lower-cast-or :cons other)
          (op :struct.get (gc-type-index :cons) field)
          (code-br done)
          (code-end)
          (let ((object (lower-store-object)))
            (lower-slow name object)
            (code-end)
            (code-release object))))
    :object))

(defun lower-replace (field name cons value cons-first)
  "Stores into a cons; the arguments are evaluated in the order of the call, and the first is the value."
  (let* ((first (lower-object-local (if cons-first cons value)))
         (second (lower-object-local (if cons-first value cons)))
         (cons (if cons-first first second))
         (value (if cons-first second first))
         (done (code-block nil))
         (other (code-block (eq-ref))))
    (code-get cons)
    (lower-cast-or :cons other)
    (code-get value)
    (op :struct.set (gc-type-index :cons) field)
    (code-br done)
    (code-end)
    (op :drop)
    (lower-slow name first second)
    (op :drop)
    (code-end)
    (code-get first)
    (code-release cons)
    (code-release value)
    :object))

(defun lower-list* (arguments)
  "LIST*"
  (mapc #'lower-object arguments)
  (dolist (argument (rest arguments))
    (declare (ignore argument))
    (lower-new-cons))
  :object)

;;; Identity and types

(defun lower-eq (left right)
  "EQ"
  (cond ((and (eq (lower-natural left) :fixnum) (eq (lower-natural right) :fixnum))
         (lower-node left :fixnum)
         (lower-node right :fixnum)
         (op :i32.eq))
        (t
         (lower-object left)
         (lower-object right)
         (op :ref.eq))))

(defun eq-decides-eql-p (left right)
  "Whether EQ is as good as EQL for what two expressions may give."
  (or (eq-comparable-p left)
      (eq (lower-natural left) :fixnum)
      (eq-comparable-p right)
      (eq (lower-natural right) :fixnum)))

(defun eq-comparable-p (node)
  "Whether EQ decides EQL for a literal: symbols, fixnums and the preallocated characters."
  (and (literal-node-p node)
       (let ((literal (literal-node-literal node)))
         (case (ast-literal-literal-type literal)
           ((:nil :t :symbol :fixnum) t)
           (:character (< (char-code (ast-literal-value literal)) 256))))))

(defun lower-type-test (test argument)
  "Leaves whether the value of an expression passes a type test."
  (cond ((eq test :list)
         (let ((object (lower-object-local argument)))
           (code-get object)
           (lower-test :cons)
           (code-get object)
           (lower-nil)
           (ops (:ref.eq) (:i32.or))
           (code-release object)))
        (t
         (lower-object argument)
         (lower-test (or (test-gc-type test) :cons))
         (when (eq test :atom)
           (op :i32.eqz)))))

;;; Elements of vectors

(defun lower-array-get (type)
  "array.get, or the unsigned one for packed elements."
  (if (member (gc-type-element type) '(:i8 :i16))
      (op :array.get_u (gc-type-index type))
      (op :array.get (gc-type-index type))))

(defun lower-checked-element (type vector index other slow)
  "Takes a vector in a local and an index; leaves both, or branches to OTHER with one that is of another type, or to
SLOW when the index does not fit."
  (code-get vector)
  (lower-cast-or type other)
  (let ((typed (code-local (ref-to type))))
    (code-set typed)
    (lower-raw-number index other)
    (let ((position (code-local :i32)))
      (code-tee position)
      (code-get typed)
      (ops (:array.len) (:i32.ge_u))
      (code-br-if slow)
      (code-get typed)
      (code-get position)
      (code-release position)
      (code-release typed))))

(defun lower-element (type arguments path)
  "An element of a vector of a type: vector, index. Returns the representation."
  (let* ((result (vector-element type))
         (vector (lower-object-local (first arguments)))
         (index (lower-number (second arguments)))
         (done (code-block (value-type result)))
         (slow (code-block nil))
         (other (code-block (eq-ref))))
    (lower-checked-element type vector index other slow)
    (lower-array-get type)
    (when (eq type :string)
      (lower-character))
    (code-br done)
    (code-end)
    (op :drop)
    (code-end)
    (lower-slow-path path 2 (lambda ()
                              (code-get vector)
                              (lower-boxed-number index)))
    (unless (eq result :object)
      (lower-unbox-checked result))
    (code-end)
    (lower-release-number index)
    (code-release vector)
    result))

(defun lower-set-element (type arguments path)
  "(SETF SVREF) and (SETF AREF): value, vector, index. Returns the representation."
  (destructuring-bind (new vector index) arguments
    (let* ((natural (if (eq (vector-element type) :object) :object (lower-natural new)))
           (value (lower-local-of new natural))
           (vector (lower-object-local vector))
           (index (lower-number index))
           (done (code-block nil))
           (slow (code-block nil))
           (other (code-block (eq-ref))))
      (lower-checked-element type vector index other slow)
      (lower-stored-element type value natural other slow)
      (op :array.set (gc-type-index type))
      (code-br done)
      (code-end)
      (op :drop)
      (code-end)
      (lower-slow-path path 3 (lambda ()
                                (code-get value)
                                (lower-convert natural :object)
                                (code-get vector)
                                (lower-boxed-number index)))
      (op :drop)
      (code-end)
      (code-get value)
      (lower-release-number index)
      (code-release vector)
      (code-release value)
      natural)))

(defun lower-local-of (node representation)
  "An expression's value in a new local."
  (lower-node node representation)
  (let ((local (code-local (value-type representation))))
    (code-set local)
    local))

(defun lower-stored-element (type value natural other slow)
  "Leaves a value as the elements of a vector are stored. What is no element is for the slow path."
  (code-get value)
  (let ((element (vector-element type)))
    (cond ((eq element :object)
           (when (eq type :string)
             (lower-character-code-or other)))
          ((eq element natural))
          (t
           (lower-convert natural :object)
           (lower-unboxed-or element other))))
  (case type
    (:bit-vector (lower-limited-element 2 slow))
    (:u8-vector (lower-limited-element 256 slow))
    (:u16-vector (lower-limited-element 65536 slow))))

(defun lower-limited-element (limit slow)
  "Leaves the i32 on the stack if it is below LIMIT, or branches to SLOW."
  (let ((element (code-local :i32)))
    (code-tee element)
    (code-i32 limit)
    (op :i32.ge_u)
    (code-br-if slow)
    (code-get element)
    (code-release element)))

(defun lower-unboxed-or (representation other)
  "Leaves the object on the stack unboxed, or branches with what has not that representation."
  (ecase representation
    (:fixnum (lower-fixnum-or other))
    (:f32 (lower-float-or :single other))
    (:f64 (lower-float-or :double other))))

;;; Characters

(defconstant +first-surrogate+ #xD800
  "The first code point that is no character.")

(defun lower-character ()
  "The character of the code point on the stack."
  (let ((code (code-local :i32)))
    (code-tee code)
    (code-i32 256)
    (op :i32.lt_u)
    (code-if (eq-ref))
    (code-global-get '(:runtime :characters))
    (code-get code)
    (op :array.get (gc-type-index :simple-vector))
    (code-else)
    (code-get code)
    (op :struct.new (gc-type-index :character))
    (code-end)
    (code-release code)))

(defun lower-char-code (name character)
  "CHAR-CODE"
  (let* ((done (code-block :i32))
         (other (code-block (eq-ref))))
    (lower-object character)
    (lower-character-code-or other)
    (code-br done)
    (code-end)
    (let ((object (lower-store-object)))
      (lower-slow name object)
      (lower-convert :object :fixnum)
      (code-end)
      (code-release object))
    :fixnum))

(defun lower-code-char (name code)
  "CODE-CHAR: the characters before the surrogates are made inline."
  (let* ((code (lower-number code))
         (done (code-block (eq-ref)))
         (slow (code-block nil))
         (other (code-block (eq-ref))))
    (lower-raw-number code other)
    (let ((raw (code-local :i32)))
      (code-tee raw)
      (code-i32 +first-surrogate+)
      (op :i32.ge_u)
      (code-br-if slow)
      (code-get raw)
      (code-release raw))
    (lower-character)
    (code-br done)
    (code-end)
    (op :drop)
    (code-end)
    (lower-slow-with name 1 (lambda () (lower-boxed-number code)))
    (code-end)
    (lower-release-number code)
    :object))

(defun lower-character-code-or (other)
  "Replaces a character on the stack by its code, or branches with what is none."
  (lower-cast-or :character other)
  (op :struct.get (gc-type-index :character) 0))

(defun lower-char-equal (name left right outcome)
  "CHAR= of two characters; anything else is the business of the library."
  (let* ((left (lower-object-local left))
         (right (lower-object-local right))
         (done (code-block (outcome-type outcome)))
         (other (code-block (eq-ref))))
    (dolist (character (list left right))
      (code-get character)
      (lower-character-code-or other))
    (op :i32.eq)
    (lower-decide outcome)
    (code-br done)
    (code-end)
    (op :drop)
    (let ((function (lower-begin-cell-call name)))
      (code-get left)
      (code-get right)
      (lower-finish-cell-call function 2))
    (lower-convert :object :condition)
    (lower-decide outcome)
    (code-end)
    (code-release left)
    (code-release right)))
