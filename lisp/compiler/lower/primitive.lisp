;;;; Primitive operations. Mirrors lower/primitive.rs.

(in-package :clysm-compiler)

(defun lower-primitive (node want)
  "Writes a primitive operation."
  (let* ((primitive (primitive-node-op node))
         (arguments (primitive-node-arguments node)))
    (destructuring-bind (kind what) (primitive-operation primitive)
      (ecase kind
        (:numeric
         (loop for argument in arguments
               for representation in (primitive-params primitive)
               do (lower-node argument representation))
         (put-octet-list what *code*)
         (lower-deliver (primitive-result primitive) want))
        (:typed
         (lower-typed what (primitive-node-immediate-1 node) (primitive-node-immediate-2 node) arguments want))
        (:special (lower-special-operation what arguments want))
        (:import (lower-import what primitive arguments want))
        (:named (lower-named-import (primitive-node-immediate-1 node) arguments want))))))

;;; Operations on the types of the object model

(defun lower-typed (operation index immediate arguments want)
  "Writes an operation on the type with that INDEX; IMMEDIATE is the index of a field, or of another type."
  (let* ((type (gc-type index))
         (first (first arguments))
         (result (typed-result operation index immediate arguments)))
    (ecase operation
      (:is
       (lower-object first)
       (lower-test type)
       (lower-deliver result want))
      (:possible
       (code-i32 1)
       (lower-deliver result want))
      (:new
       (loop for argument in arguments
             for (nil storage) in (gc-type-fields type)
             do (lower-stored argument storage))
       (op :struct.new index)
       (lower-deliver result want))
      (:get
       (lower-of-type first type)
       (op :struct.get index immediate)
       (lower-nullable-field type immediate)
       (lower-deliver result want))
      (:set (lower-set-field type immediate arguments want))
      (:array-new
       (lower-array-new type arguments)
       (lower-deliver result want))
      (:array-ref
       (lower-of-type first type)
       (lower-node (second arguments) :i32)
       (lower-array-get type)
       (lower-deliver result want))
      (:array-set (lower-set-element-of type arguments want))
      (:array-length
       (lower-of-type first type)
       (op :array.len)
       (lower-deliver result want))
      (:array-copy (lower-array-copy type (gc-type immediate) arguments want))
      (:array-fill (lower-array-fill type arguments want)))))

(defun lower-array-new (type arguments)
  "%ARRAY-NEW. array.new takes the initial value first, the operands name the length first."
  (destructuring-bind (length initial-value) arguments
    (let ((length (lower-local-of length :i32)))
      (lower-stored initial-value (gc-type-element type))
      (code-get length)
      (op :array.new (gc-type-index type))
      (code-release length))))

(defun lower-array-copy (to-type from-type arguments want)
  "%ARRAY-COPY"
  (destructuring-bind (to to-start from from-start count) arguments
    (lower-of-type to to-type)
    (lower-node to-start :i32)
    (lower-of-type from from-type)
    (lower-node from-start :i32)
    (lower-node count :i32)
    (op :array.copy (gc-type-index to-type) (gc-type-index from-type))
    (lower-nothing want)))

(defun lower-array-fill (type arguments want)
  "%ARRAY-FILL"
  (destructuring-bind (array start value count) arguments
    (lower-of-type array type)
    (lower-node start :i32)
    (lower-stored value (gc-type-element type))
    (lower-node count :i32)
    (op :array.fill (gc-type-index type))
    (lower-nothing want)))

(defun lower-nullable-field (type field)
  "A nullable field's value on the stack as an object: NIL when it is null."
  (let ((storage (second (nth field (gc-type-fields type)))))
    (when (and (consp storage) (eq (first storage) :ref-null))
      (lower-null-to-nil (ref-null-to (second storage))))))

(defun lower-null-to-nil (type)
  "Replaces a null reference on the stack by NIL."
  (let ((reference (code-local type)))
    (code-tee reference)
    (op :ref.is_null)
    (code-if (eq-ref))
    (lower-nil)
    (code-else)
    (code-get reference)
    (op :ref.as_non_null)
    (code-end)))

(defun lower-stored (node storage)
  "Writes an expression as a field or element stores it."
  (case storage
    (:eq (lower-object node))
    ((:i8 :i16 :i32) (lower-node node :i32))
    ((:f32 :f64) (lower-node node storage))
    (t
     (destructuring-bind (kind type) storage
       (if (and (eq kind :ref-null) (nil-node-p node))
           (op :ref.null type)
           (lower-of-type node type))))))

(defun lower-set-field (type field arguments want)
  "%SET"
  (let ((storage (second (nth field (gc-type-fields type)))))
    (lower-of-type (first arguments) type)
    (lower-store (second arguments) storage want
                 (lambda () (op :struct.set (gc-type-index type) field)))))

(defun lower-set-element-of (type arguments want)
  "%ARRAY-SET"
  (lower-of-type (first arguments) type)
  (lower-node (second arguments) :i32)
  (lower-store (third arguments) (gc-type-element type) want
               (lambda () (op :array.set (gc-type-index type)))))

(defun lower-store (node storage want set)
  "Stores an expression's value, which is that of the operation, by the instruction that the function SET writes."
  (if (eq want :effect)
      (progn (lower-stored node storage)
             (funcall set))
      (let* ((natural (lower-natural-node node))
             (value (code-local (value-type natural))))
        (code-tee value)
        (lower-convert-stored natural storage)
        (funcall set)
        (code-get value)
        (code-release value)
        (lower-deliver natural want))))

(defun lower-convert-stored (natural storage)
  "Converts the value on the stack to what a field or element stores."
  (case storage
    (:eq (lower-convert natural :object))
    ((:i8 :i16 :i32) (lower-convert natural :i32))
    ((:f32 :f64) (lower-convert natural storage))
    (t
     (lower-convert natural :object)
     (lower-cast (second storage)))))

(defun lower-nothing (want)
  "The value of an operation that has none."
  (unless (eq want :effect)
    (lower-nil)
    (lower-deliver :object want)))

;;; Special operations

(defun lower-special-operation (operation arguments want)
  "Writes an operation with an emission of its own."
  (let ((first (first arguments))
        (second (second arguments)))
    (if (consp operation)
        (let ((representation (second operation))) ; (:convert REPRESENTATION)
          (lower-node first representation)
          (lower-deliver representation want))
        (ecase operation
          (:fixnum
           (lower-node first :i32)
           (lower-deliver :fixnum want))
          (:is-fixnum
           (lower-object first)
           (lower-test-fixnum)
           (lower-deliver :condition want))
          ((:unbound :unsupplied :value-vector :binding-stack :characters :symbol-table)
           (lower-runtime-global operation :object want))
          ((:value-count :binding-depth) (lower-runtime-global operation :fixnum want))
          (:set-value-count (lower-set-count :value-count first want))
          (:set-binding-depth (lower-set-count :binding-depth first want))
          (:set-value-vector (lower-set-vector :value-vector first want))
          (:set-binding-stack (lower-set-vector :binding-stack first want))
          (:set-symbol-table (lower-set-vector :symbol-table first want))
          (:undefined-function-p
           (lower-of-type first :function)
           (op :struct.get (gc-type-index :function) 0)
           (op :i32.eqz)
           (lower-deliver :condition want))
          (:undefined-function
           (let ((name (lower-object-local first)))
             (code-i32 0)
             (lower-new-function name)
             (code-release name)
             (lower-deliver :object want)))
          (:funcall (lower-primitive-funcall arguments want))
          (:funcall-vector (lower-primitive-funcall-vector arguments want))
          (:throw
           (lower-object first)
           (lower-object second)
           (op :throw 0))
          (:values-set
           (lower-object first)
           (lower-node second :i32)
           (code-global-set '(:runtime :value-count))
           (lower-deliver-values want))
          (:trap (op :unreachable))
          (:mention
           (when (literal-node-p first)
             (literal-pool-note-mention (lower-context-literals *lower-context*)
                                        (ast-literal-value (literal-node-literal first))))
           (lower-nothing want))
          (:static-names (lower-static-data :names want))
          (:static-sources (lower-static-data :sources want))
          (:static-packages (lower-static-data :packages want))
          (:static-functions (lower-static-data :functions want))
          (:static-function (lower-static-function first second want))
          (:literal-octets
           (lower-node first :i32)
           (lower-node second :i32)
           (lower-static-data :octets want))))))

(defun lower-new-function (name)
  "Makes a function object without environment; its code index is on the stack, and its name in the local NAME."
  (op :ref.null :env)
  (code-get name)
  (code-i32 0)
  (op :struct.new (gc-type-index :function)))

(defun lower-static-function (code name want)
  "%STATIC-FUNCTION"
  (lower-node code :i32)
  (code-relocate '(:static-data :first-function))
  (let ((code (code-local :i32)))
    (code-set code)
    (let ((name (lower-object-local name)))
      (code-get code)
      (lower-new-function name)
      (code-release code)
      (code-release name)
      (lower-deliver :object want))))

(defun lower-static-data (data want)
  "Leaves a table that the linker provides."
  (code-relocate (list :static-data data))
  (lower-deliver :object want))

(defun lower-runtime-global (global representation want)
  "Leaves a variable of the runtime."
  (code-global-get (list :runtime global))
  (lower-deliver representation want))

(defun lower-set-count (global value want)
  "Assigns a number to a variable of the runtime."
  (lower-node value :i32)
  (code-global-set (list :runtime global))
  (lower-nothing want))

(defun lower-set-vector (global value want)
  "Assigns a vector to a variable of the runtime."
  (lower-of-type value :simple-vector)
  (code-global-set (list :runtime global))
  (lower-nothing want))

;;; Host imports

(defun lower-import (number primitive arguments want)
  "Calls a host import. What is an object in Lisp is a vector of octets for the host."
  (loop for argument in arguments
        for representation in (primitive-params primitive)
        do (if (eq representation :object)
               (lower-of-type argument :u8-vector)
               (lower-node argument representation)))
  (code-call (list :import number))
  (when (eq (primitive-result primitive) :object)
    (lower-null-to-nil :array-ref))
  (lower-deliver (primitive-result primitive) want))

(defun lower-named-import (number arguments want)
  "Calls a host import that the program names."
  (dolist (argument arguments)
    (lower-of-type argument :u8-vector))
  (code-call (list :named number))
  (lower-null-to-nil :array-ref)
  (lower-deliver :object want))
