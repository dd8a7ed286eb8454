;;;; Inline arithmetic and comparisons: fixnums and unboxed numbers; anything else is the business of the library.
;;;; Mirrors lower/numbers.rs.
;;;;
;;;; An operand of generic code that is evaluated, a NUMBER, is one of
;;;;   (:literal VALUE)           a fixnum known at compile time
;;;;   (:raw LOCAL)               a fixnum as an i32 in a local
;;;;   (:object LOCAL)            an object in a local

(in-package :clysm-compiler)

(defun fixnum-node (value)
  "A literal."
  (make-literal-node :literal (make-literal value)))

;;; Instructions by operation and representation

(defmacro define-instruction-writer (name (operation representation) documentation &rest table)
  "Defines a function that writes an instruction by what it does and on what. The rows of TABLE are a representation, T
for all others, and ((OPERATION INSTRUCTION)…)."
  `(defun ,name (,operation ,representation)
     ,documentation
     (case ,representation
       ,@(loop for (key . instructions) in table
               collect `(,key (ecase ,operation
                                ,@(loop for (operation instruction) in instructions
                                        collect `(,operation (op ,instruction)))))))))

(define-instruction-writer write-arithmetic (operation representation)
  "Writes the instruction of an operation on two numbers."
  (:i64 (:add :i64.add) (:subtract :i64.sub) (:multiply :i64.mul))
  (:f64 (:add :f64.add) (:subtract :f64.sub) (:multiply :f64.mul))
  (:f32 (:add :f32.add) (:subtract :f32.sub) (:multiply :f32.mul))
  (t (:add :i32.add) (:subtract :i32.sub) (:multiply :i32.mul) (:and :i32.and) (:or :i32.or) (:xor :i32.xor)))

(define-instruction-writer write-comparison (comparison representation)
  "Writes the instruction of a comparison of two numbers."
  (:i64 (:less :i64.lt_s) (:less-equal :i64.le_s) (:greater :i64.gt_s) (:greater-equal :i64.ge_s) (:equal :i64.eq))
  (:f64 (:less :f64.lt) (:less-equal :f64.le) (:greater :f64.gt) (:greater-equal :f64.ge) (:equal :f64.eq))
  (:f32 (:less :f32.lt) (:less-equal :f32.le) (:greater :f32.gt) (:greater-equal :f32.ge) (:equal :f32.eq))
  (t (:less :i32.lt_s) (:less-equal :i32.le_s) (:greater :i32.gt_s) (:greater-equal :i32.ge_s) (:equal :i32.eq)))

;;; Arithmetic

(defun lower-fold (operation arguments span)
  "Writes (+ a b c) as (+ (+ a b) c); returns the representation of the result."
  (let* ((first (first arguments))
         (left (lower-natural first)))
    (loop for pending = first then nil
          for argument in (rest arguments)
          do (setq left (lower-arithmetic operation pending left argument span)))
    left))

(defun lower-step (operation argument span)
  "Writes (1+ a) or (1- a); returns the representation of the result."
  (lower-arithmetic operation argument (lower-natural argument) (fixnum-node 1) span))

(defun lower-arithmetic (operation left left-representation right span)
  "Writes an operation on two numbers; returns the representation of the result. LEFT is NIL when the left operand is on
the stack already."
  (let ((result (arithmetic-result operation left-representation (lower-natural right))))
    (cond ((eq result :object)
           (lower-generic-arithmetic operation left left-representation right span))
          (t
           (if left
               (lower-node left result)
               (lower-convert left-representation result))
           (cond ((or (eq result :f32) (eq result :f64))
                  (lower-float-arithmetic operation result right span))
                 (t
                  (lower-node right result)
                  (write-arithmetic operation result)))))
    result))

(defun lower-float-arithmetic (operation representation right span)
  "Operates on the float on the stack and another one. A result that is infinite or no number is the library's business,
which signals where it has to (CLHS 12.1.4.3)."
  (let* ((type (value-type representation))
         (left-operand (code-local type))
         (right-operand (code-local type))
         (result (code-local type)))
    (code-set left-operand)
    (lower-node right representation)
    (code-set right-operand)
    (code-get left-operand)
    (code-get right-operand)
    (write-arithmetic operation representation)
    (code-tee result)
    (code-get result)
    (write-arithmetic :subtract representation)
    ;; The difference of a finite float and itself is zero, any other is no number.
    (if (eq representation :f32)
        (ops (:f32.const 0f0) (:f32.ne))
        (ops (:f64.const 0d0) (:f64.ne)))
    (code-if nil)
    (code-position span)
    (lower-call-runtime (arithmetic-function operation)
      (code-get left-operand)
      (lower-convert representation :object)
      (code-get right-operand)
      (lower-convert representation :object))
    (lower-convert :object representation)
    (code-set result)
    (code-end)
    (code-get result)
    (code-release left-operand)
    (code-release right-operand)
    (code-release result)))

(defun lower-generic-arithmetic (operation left left-representation right span)
  "Fixnum operands inline, anything else by the library."
  (let* ((left (cond (left (lower-number left))
                     (t
                      (lower-convert left-representation :object)
                      (list :object (lower-store-object)))))
         (right (lower-number right))
         (done (code-block (eq-ref)))
         (slow (code-block nil))
         (other (code-block (eq-ref)))
         (wide (eq operation :multiply)))
    (dolist (operand (list left right))
      (lower-raw-number operand other)
      (when wide
        (op :i64.extend_i32_s)))
    (lower-fixnum-result operation slow)
    (code-br done)
    (code-end)
    (op :drop)
    (code-end)
    (code-position span)
    (lower-call-runtime (arithmetic-function operation)
      (lower-boxed-number left)
      (lower-boxed-number right))
    (code-end)
    (lower-release-number left)
    (lower-release-number right)))

(defun lower-fixnum-result (operation slow)
  "Operates on two raw fixnums, as i64 to be multiplied; leaves a fixnum, or branches when the result is none."
  (case operation
    ((:add :subtract)
     (write-arithmetic operation :i32)
     (let ((result (code-local :i32)))
       (code-tee result)
       (lower-fits-fixnum)
       (op :i32.eqz)
       (code-br-if slow)
       (code-get result)
       (code-release result)))
    (:multiply
     (op :i64.mul)
     (let ((result (code-local :i64)))
       (code-tee result)
       (lower-fits-fixnum-wide)
       (op :i32.eqz)
       (code-br-if slow)
       (code-get result)
       (op :i32.wrap_i64)
       (code-release result)))
    (t (write-arithmetic operation :i32)))
  (op :ref.i31))

;;; Comparisons

(defun common-representation (left right)
  "The representation in which two numbers are compared inline, NIL if they are not."
  (flet ((both-p (representations)
           (and (member left representations) (member right representations))))
    (cond ((both-p '(:fixnum :i32)) :i32)
          ((both-p '(:fixnum :i32 :i64)) :i64)
          ((both-p '(:f32)) :f32)
          ((both-p '(:fixnum :f32 :f64)) :f64)
          (t nil))))

(defun lower-compare (comparison left right span outcome)
  "A comparison of two numbers; its outcome is a condition, or a jump."
  (let ((representation (common-representation (lower-natural left) (lower-natural right))))
    (cond (representation
           (lower-node left representation)
           (lower-node right representation)
           (write-comparison comparison representation)
           (lower-decide outcome))
          (t (lower-generic-compare comparison left right span outcome)))))

(defun lower-generic-compare (comparison left right span outcome)
  "Fixnums inline, anything else by the library."
  (let* ((left (lower-number left))
         (right (lower-number right))
         (done (code-block (outcome-type outcome)))
         (other (code-block (eq-ref))))
    (lower-raw-number left other)
    (lower-raw-number right other)
    (write-comparison comparison :i32)
    (lower-decide outcome)
    (code-br done)
    (code-end)
    (op :drop)
    (code-position span)
    (lower-call-runtime (comparison-function comparison)
      (lower-boxed-number left)
      (lower-boxed-number right))
    (lower-convert :object :condition)
    (lower-decide outcome)
    (code-end)
    (lower-release-number left)
    (lower-release-number right)))

;;; MOD and REM

(defun lower-remainder (operation name arguments)
  "Writes MOD or REM of fixnums by a positive one; anything else is the library's business. Returns the representation."
  (destructuring-bind (number divisor) arguments
    (let* ((result (if (and (eq (lower-natural number) :fixnum) (eq (lower-natural divisor) :fixnum)) :fixnum :object))
           (number (lower-number number))
           (divisor (lower-number divisor))
           (done (code-block (value-type result)))
           (slow (code-block nil))
           (other (code-block (eq-ref)))
           (modulus (code-local :i32)))
      (lower-raw-number divisor other)
      (code-tee modulus)
      (ops (:i32.const 0) (:i32.le_s))
      (code-br-if slow)
      (lower-raw-number number other)
      (code-get modulus)
      (op :i32.rem_s)
      (when (eq operation :mod)
        (lower-floored-remainder modulus))
      (lower-convert :fixnum result)
      (code-br done)
      (code-end)
      (op :drop)
      (code-end)
      (lower-slow-with name 2 (lambda ()
                                (lower-boxed-number number)
                                (lower-boxed-number divisor)))
      (unless (eq result :object)
        (lower-unbox-checked result))
      (code-end)
      (lower-release-number number)
      (lower-release-number divisor)
      (code-release modulus)
      result)))

(defun lower-floored-remainder (modulus)
  "A negative remainder on the stack becomes positive: its sign as a mask selects what is added."
  (let ((rest (code-local :i32)))
    (code-tee rest)
    (code-get rest)
    (ops (:i32.const 31) (:i32.shr_s))
    (code-get modulus)
    (ops (:i32.and) (:i32.add))
    (code-release rest)))

;;; Operands of generic code

(defun lower-number (node)
  "Evaluates an operand of generic code."
  (let ((value (fixnum-literal node)))
    (cond (value (list :literal value))
          ((eq (lower-natural node) :fixnum)
           (lower-node node :fixnum)
           (let ((local (code-local :i32)))
             (code-set local)
             (list :raw local)))
          (t (list :object (lower-object-local node))))))

(defun lower-raw-number (number other)
  "Leaves an operand as an i32, or branches with it when it is no fixnum."
  (destructuring-bind (kind value) number
    (ecase kind
      (:literal (code-i32 value))
      (:raw (code-get value))
      (:object
       (code-get value)
       (lower-fixnum-or other)))))

(defun lower-boxed-number (number)
  "Leaves an operand as an object."
  (destructuring-bind (kind value) number
    (if (eq kind :literal)
        (code-i32 value)
        (code-get value))
    (unless (eq kind :object)
      (op :ref.i31))))

(defun lower-release-number (number)
  "Lets the local of an operand be used again."
  (destructuring-bind (kind value) number
    (unless (eq kind :literal)
      (code-release value))))
