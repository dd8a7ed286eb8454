;;;; The representation in which an expression's value comes most cheaply. Mirrors lower/natural.rs.

(in-package :clysm-compiler)

(defun natural-of (node)
  "The natural representation of an expression, by *ANALYSIS*."
  (typecase node
    (local-node (representation-of (local-node-variable node)))
    (call-node (natural-of-call (call-node-callee node) (call-node-arguments node)))
    (literal-node
     (case (ast-literal-literal-type (literal-node-literal node))
       (:fixnum :fixnum)
       (:single-float :f32)
       (:double-float :f64)
       (t :object)))
    (primitive-node (natural-of-primitive node))
    (if-node (natural-join (if-node-then node) (if-node-otherwise node)))
    (let-node (natural-of (let-node-body node)))
    (progn-node
     (let ((last (last (progn-node-nodes node))))
       (if last (natural-of (first last)) :object)))
    (set-local-node (representation-of (set-local-node-variable node)))
    (local-functions-node (natural-of (local-functions-node-body node)))
    (multiple-value-bind-node (natural-of (multiple-value-bind-node-body node)))
    (t :object)))

(defun natural-of-call (callee arguments)
  "The natural representation of a call's value."
  (if (eq (first callee) :global)
      (let* ((name (second callee))
             (intrinsic (natural-intrinsic name (length arguments))))
        (if intrinsic
            (natural-of-intrinsic intrinsic arguments)
            (let* ((signature (world-signature name))
                   (raw (and signature (signature-raw signature))))
              (if raw (cdr raw) :object))))
      :object))

(defun natural-intrinsic (name count)
  "The inline code of a call of NAME with COUNT arguments."
  (intrinsic-for name count))

(defun natural-join (then otherwise)
  "The natural representation of a value that comes from one of two branches."
  (if (and (boolean-node-p then) (boolean-node-p otherwise))
      :condition
      (let ((left (natural-of then))
            (right (natural-of otherwise)))
        (cond ((eq left right) left)
              ((and (eq left :condition) (boolean-node-p otherwise)) :condition)
              ((and (eq right :condition) (boolean-node-p then)) :condition)
              ((or (and (eq left :fixnum) (eq right :i32))
                   (and (eq left :i32) (eq right :fixnum)))
               :i32)
              (t :object)))))

(defun boolean-node-p (node)
  "Whether NODE is the literal NIL or T."
  (and (literal-node-p node)
       (member (ast-literal-literal-type (literal-node-literal node)) '(:nil :t))))

(defun natural-argument (arguments index)
  "The natural representation of an argument by its position, :object for one that is missing."
  (let ((node (nth index arguments)))
    (if node (natural-of node) :object)))

(defun natural-of-intrinsic (intrinsic arguments)
  "The representation of an inline function's value."
  (case (first intrinsic)
    ((:eq :eql :not :endp :test :compare :not-equal :sign :char-equal) :condition)
    (:arithmetic (natural-fold (second intrinsic) arguments))
    (:step (arithmetic-result (second intrinsic) (natural-argument arguments 0) :fixnum))
    (:aref (vector-element (vector-of (first arguments))))
    (:set-aref
     (if (eq (vector-element (vector-of (second arguments))) :object)
         :object
         (natural-argument arguments 0)))
    (:char-code :fixnum)
    ((:mod :rem)
     (if (and (eq (natural-argument arguments 0) :fixnum) (eq (natural-argument arguments 1) :fixnum))
         :fixnum
         :object))
    (:identity (natural-argument arguments 0))
    (t :object)))

(defun natural-fold (operation arguments)
  "The representation of the result when OPERATION is done from the left."
  (let ((result (natural-of (first arguments))))
    (dolist (argument (rest arguments) result)
      (setq result (arithmetic-result operation result (natural-of argument))))))

(defun arithmetic-result (operation left right)
  "The representation in which an operation on two numbers is done and its result comes."
  (cond ((and (eq left :fixnum) (eq right :fixnum))
         (case operation
           ((:add :subtract) :i32)
           (:multiply :i64)
           (t :fixnum)))
        ((and (member left '(:fixnum :i32)) (member right '(:fixnum :i32)))
         (if (bitwise-p operation) :i32 :i64))
        ((bitwise-p operation) :object)
        ((not (and (member left '(:fixnum :f32 :f64)) (member right '(:fixnum :f32 :f64)))) :object)
        ((or (eq left :f64) (eq right :f64)) :f64)
        (t :f32)))

;;; Vectors and primitives

(defun vector-of (node)
  "The kind of simple vector that an expression is said to give, a GC type, or NIL if nothing is said."
  (and (local-node-p node)
       (svref (analysis-vectors *analysis*) (variable-info-index (local-node-variable node)))))

(defun vector-element (type)
  "The representation of a vector's elements as Lisp has them; :object where the vector's type is not known."
  (case type
    ((:bit-vector :u8-vector :u16-vector) :fixnum)
    (:f32-vector :f32)
    (:f64-vector :f64)
    (t :object)))

(defun natural-of-primitive (node)
  "The natural representation of a primitive's value."
  (let* ((primitive (primitive-node-op node))
         (operation (primitive-operation primitive)))
    (if (eq (first operation) :typed)
        (typed-result (second operation) (primitive-node-immediate-1 node) (primitive-node-immediate-2 node)
                      (primitive-node-arguments node))
        (primitive-result primitive))))

(defun typed-result (operation immediate-1 immediate-2 arguments)
  "The representation of a typed primitive's value."
  (let ((type (gc-type immediate-1)))
    (case operation
      ((:is :possible) :condition)
      (:array-length :fixnum)
      (:get (if type (field-read type immediate-2) :object))
      (:array-ref (if type (element-read type) :object))
      ;; The value of an assignment is its new value, as it was given.
      (:set (natural-argument arguments 1))
      (:array-set (natural-argument arguments 2))
      (t :object))))

(defun field-read (type field)
  "The representation of the value of the field with the index FIELD."
  (let ((storage (second (nth field (gc-type-fields type)))))
    (cond ((null storage) :object)
          ((and (eq type :character) (eq storage :i32)) :fixnum)
          (t (storage-representation storage)))))

(defun element-read (type)
  "The representation of an array's elements."
  (let ((storage (gc-type-element type)))
    (cond
      ;; Code points, octets and 16-bit integers are fixnums.
      ((or (eq type :string) (member storage '(:i8 :i16))) :fixnum)
      ((null storage) :object)
      (t (storage-representation storage)))))

(defun storage-representation (storage)
  "The representation of what is stored like that."
  (case storage
    ((:i8 :i16 :i32) :i32)
    (:f32 :f32)
    (:f64 :f64)
    (t :object)))
