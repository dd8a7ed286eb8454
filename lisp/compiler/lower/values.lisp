;;;; Representations and multiple values: how a value on the stack becomes what the context wants. Mirrors
;;;; lower/values.rs.

(in-package :clysm-compiler)

(defconstant +value-vector-length+ 64
  "The initial length of the vector of values, and so how many are stored without a look at its length.")

(defun lower-deliver (from want)
  "Turns the single value on the stack, in the representation FROM, into what is wanted."
  (case want
    (:effect (op :drop))
    (:values
     (lower-convert from :object)
     (lower-set-value-count 1))
    (:return
     (cond ((lower-raw-p) (lower-convert from (lowerer-result *lowerer*)))
           (t
            (lower-convert from :object)
            (lower-set-value-count 1)))
     (op :return))
    (t (lower-convert from want))))

(defun lower-deliver-values (want)
  "Turns an object on the stack, with the value globals already right, into what is wanted."
  (case want
    (:effect (op :drop))
    (:values)
    (:return
     (lower-convert :object (lowerer-result *lowerer*))
     (op :return))
    (t (lower-convert :object want))))

(defun lower-set-value-count (count)
  (code-i32 count)
  (code-global-set '(:runtime :value-count)))

;;; Representations

(defun lower-convert (from to)
  "Changes the representation of the value on the stack."
  (cond ((eq from to))
        ((eq to :object) (lower-box-value from))
        ((eq from :object) (lower-unbox to))
        (t (lower-convert-raw from to))))

(defun lower-convert-raw (from to)
  "Changes the representation of the value on the stack, which is no object and does not become one."
  (flet ((is (from-1 to-1)
           (and (eq from from-1) (eq to to-1))))
    (cond ((or (is :fixnum :i32) (is :i32 :fixnum)))
          ((or (is :fixnum :i64) (is :i32 :i64)) (op :i64.extend_i32_s))
          ((is :fixnum :f64) (op :f64.convert_i32_s))
          ((is :fixnum :f32) (op :f32.convert_i32_s))
          ((or (is :i64 :i32) (is :i64 :fixnum)) (op :i32.wrap_i64))
          ((is :f32 :f64) (op :f64.promote_f32))
          (t
           (lower-box-value from)
           (lower-unbox to)))))

(defun lower-box-value (from)
  "Makes an object of the value on the stack."
  (ecase from
    (:object)
    (:fixnum (op :ref.i31))
    (:i32 (lower-box-i32))
    (:i64 (lower-box-i64))
    (:f32 (op :struct.new :single))
    (:f64 (op :struct.new :double))
    (:condition
     (code-if :eq)
     (code-global-get '(:symbol t))
     (code-else)
     (lower-nil)
     (code-end))))

(defun lower-box-i32 ()
  "A fixnum where the value fits, else a bignum."
  (let ((value (code-local :i32)))
    (code-tee value)
    (lower-fits-fixnum)
    (code-if :eq)
    (code-get value)
    (op :ref.i31)
    (code-else)
    (lower-call-raw "%box-i64"
      (code-get value)
      (op :i64.extend_i32_s))
    (code-end)
    (code-release value)))

(defun lower-box-i64 ()
  "A fixnum where the value fits, else a bignum."
  (let ((value (code-local :i64)))
    (code-tee value)
    (lower-fits-fixnum-wide)
    (code-if :eq)
    (code-get value)
    (ops (:i32.wrap_i64) (:ref.i31))
    (code-else)
    (lower-call-raw "%box-i64" (code-get value))
    (code-end)
    (code-release value)))

(defun lower-fits-fixnum ()
  "Replaces an i32 by whether it is in the fixnum range: adding 2^30 keeps it non-negative."
  (ops (:i32.const 1073741824) (:i32.add) (:i32.const 0) (:i32.ge_s)))

(defun lower-fits-fixnum-wide ()
  "The same for an i64."
  (ops (:i64.const 1073741824) (:i64.add) (:i64.const 2147483648) (:i64.lt_u)))

(defun lower-unbox (to)
  "Takes the value that is represented as TO out of the object on the stack."
  (ecase to
    (:object)
    ((:fixnum :i32) (ops (:ref.cast :i31) (:i31.get_s)))
    (:i64 (lower-unbox-i64))
    (:f32 (ops (:ref.cast :single) (:struct.get :single 0)))
    (:f64 (ops (:ref.cast :double) (:struct.get :double 0)))
    (:condition
     (lower-nil)
     (ops (:ref.eq) (:i32.eqz)))))

(defun lower-unbox-i64 ()
  "Fixnums are unboxed inline, other integers by the library."
  (let* ((object (lower-store-object))
         (done (code-block :i64))
         (other (code-block :eq)))
    (code-get object)
    (lower-fixnum-or other)
    (op :i64.extend_i32_s)
    (code-br done)
    (code-end)
    (op :drop)
    (lower-call-raw "%unbox-i64" (code-get object))
    (code-end)
    (code-release object)))

;;; Types of objects

(defun lower-cast (type)
  "ref.cast to a type of the object model."
  (op :ref.cast type))

(defun lower-cast-or (type other)
  "br_on_cast_fail: leaves the object on the stack as one of TYPE, or branches with it."
  (op :br_on_cast_fail (code-relative other) :eq type))

(defun lower-branch-on-cast (type label)
  "br_on_cast: branches with the object on the stack if it is of TYPE."
  (op :br_on_cast (code-relative label) :eq type))

(defun lower-fixnum-or (other)
  "Leaves the fixnum on the stack as an i32, or branches with what is none."
  (lower-cast-or :i31 other)
  (op :i31.get_s))

(defun lower-float-or (type other)
  "Leaves the float on the stack unboxed, or branches with what is none of that TYPE."
  (lower-cast-or type other)
  (op :struct.get type 0))

(defun lower-test (type)
  "ref.test for a type of the object model."
  (op :ref.test type))

(defun lower-test-fixnum ()
  "ref.test for fixnums."
  (op :ref.test :i31))

(defun lower-node-as-declared (node representation)
  "Writes an expression as a variable of that representation takes it: an object of another type is a type error."
  (let ((natural (case representation
                   ((:f32 :f64 :fixnum) (lower-natural node)))))
    (cond ((or (eq natural :object) (and (eq natural :i64) (eq representation :fixnum)))
           (lower-object node)
           (lower-unbox-checked representation))
          ((and (eq natural :i32) (eq representation :fixnum))
           (lower-node node :i32)
           (lower-check-i32 'fixnum))
          (t (lower-node node representation)))))

(defun lower-unbox-checked (representation)
  "Unboxes the object on the stack as a fixnum or a float; one of another type is a type error."
  (let* ((object (lower-store-object))
         (done (code-block (value-type representation)))
         (other (code-block :eq)))
    (code-get object)
    (case representation
      (:f64 (lower-float-or :double other))
      (:f32 (lower-float-or :single other))
      (t (lower-fixnum-or other)))
    (code-br done)
    (code-end)
    (op :drop)
    (lower-signal-type object (case representation
                                (:f64 'double-float)
                                (:f32 'single-float)
                                (t 'fixnum)))
    (code-end)
    (code-release object)))

(defun lower-check-i32 (expected)
  "Leaves an i32 that must be a fixnum."
  (let ((value (code-local :i32)))
    (code-tee value)
    (lower-fits-fixnum)
    (op :i32.eqz)
    (code-if nil)
    (code-get value)
    (lower-box-i32)
    (let ((object (lower-store-object)))
      (lower-signal-type object expected)
      (code-end)
      (code-get value)
      (code-release object)
      (code-release value))))

(defun lower-signal-type (object expected)
  "Signals a type error about the object in a local, with a standard type's name."
  (lower-call-runtime "signal-type-error"
    (code-get object)
    (code-global-get (list :symbol expected)))
  (op :unreachable))

;;; Calls of the library: what the macros of lower.lisp expand into

(defun begin-runtime-call (symbol)
  "Pushes the function object of a call of the runtime function SYMBOL. NIL if the call is direct, otherwise the local
with the function object: while the library is being built, its later files are reached through the function cell."
  (cond ((lower-direct-p symbol)
         (op :ref.null :function)
         nil)
        (t (lower-begin-cell-call symbol))))

(defun finish-runtime-call (symbol function)
  "Calls the runtime function SYMBOL, with its operands on the stack and FUNCTION as BEGIN-RUNTIME-CALL returned it."
  (if function
      (lower-finish-cell-call function (or (runtime-function-arity (find-runtime-function symbol)) 0))
      (code-call (list :global symbol))))

;;; Multiple values

(defun begin-preserving-count (want)
  "Saves the value count in a local, which is returned, when the values are WANTed."
  (case want
    ((:values :return)
     (let ((count (code-local :i32)))
       (code-global-get '(:runtime :value-count))
       (code-set count)
       count))))

(defun finish-preserving-count (count)
  (when count
    (code-get count)
    (code-global-set '(:runtime :value-count))
    (code-release count)))

(defun lower-values (nodes want)
  "(values …)"
  (let ((single (case want
                  (:values nil)
                  (:return (lower-raw-p))
                  (t t))))
    (cond ((null nodes)
           (lower-nil)
           (cond (single (lower-deliver :object want))
                 (t
                  (lower-set-value-count 0)
                  (lower-deliver-values want))))
          ((null (rest nodes)) (lower-deliver (lower-natural-node (first nodes)) want))
          (single (lower-first-value nodes want))
          (t (lower-several-values nodes want)))))

(defun lower-first-value (nodes want)
  "(values …) of which only the first value is wanted."
  (lower-node (first nodes) (if (eq want :return) (lowerer-result *lowerer*) want))
  (dolist (node (rest nodes))
    (lower-node node :effect))
  (when (eq want :return)
    (op :return)))

(defun lower-several-values (nodes want)
  "(values …) with at least two values, all of which are wanted."
  (if (> (length nodes) +value-vector-length+)
      (lower-many-values nodes)
      (let ((locals (mapcar #'lower-object-local nodes)))
        (loop for local in (rest locals)
              for index of-type fixnum from 1
              do (code-global-get '(:runtime :value-vector))
                 (code-i32 index)
                 (code-get local)
                 (op :array.set :simple-vector))
        (lower-set-value-count (length locals))
        (code-get (first locals))
        (lower-release-all locals)))
  (lower-deliver-values want))

(defun lower-many-values (nodes)
  "More values than the vector of values is sure to hold."
  (lower-list-of nodes)
  (let ((list (lower-store-object)))
    (lower-call-runtime "restore-values" (code-get list))
    (code-release list)))

(defun lower-multiple-value-bind (variables values body want)
  (let ((locals (if (and (values-node-p values) (= (length (values-node-nodes values)) (length variables)))
                    (lower-bind-known-values variables (values-node-nodes values))
                    (lower-bind-values variables values))))
    (lower-node body want)
    (lower-release-all locals)))

(defun lower-bind-known-values (variables nodes)
  "Binds VARIABLES to the values of NODES, without passing through the value globals; the locals."
  (let ((temporaries (mapcar #'lower-object-local nodes)))
    (loop for variable in variables
          for temporary in temporaries
          collect (progn
                    (code-get temporary)
                    (prog1 (lower-bind-object variable)
                      (code-release temporary))))))

(defun lower-bind-values (variables values)
  "Binds VARIABLES to the values of an expression; the locals."
  (lower-node values :values)
  (cond ((null variables)
         (op :drop)
         '())
        (t
         ;; Whoever returns no values returns nil as the first.
         (cons (lower-bind-object (first variables))
               (loop for variable in (rest variables)
                     for index of-type fixnum from 1
                     do (lower-value-at index)
                     collect (lower-bind-object variable))))))

(defun lower-value-at (index)
  "The value with that index, nil when there are not so many."
  (code-global-get '(:runtime :value-count))
  (code-i32 index)
  (op :i32.gt_s)
  (code-if :eq)
  (code-global-get '(:runtime :value-vector))
  (code-i32 index)
  (op :array.get :simple-vector)
  (code-else)
  (lower-nil)
  (code-end))

(defun lower-multiple-value-prog1 (first rest want)
  (case want
    ((:values :return)
     (lower-node first :values)
     (let ((value (lower-store-object)))
       (lower-saving-values (value) (lower-node rest :effect))
       (code-get value)
       (code-release value)
       (lower-deliver-values want)))
    (t
     (lower-node first want)
     (lower-node rest :effect))))

(defun begin-saving-values (first)
  "Saves the values of which the first is in the local FIRST in two locals: their count and, if it is not 1, a list of
them."
  (let ((count (code-local :i32))
        (list (code-local :eq)))
    (code-global-get '(:runtime :value-count))
    (code-tee count)
    (ops (:i32.const 1) (:i32.ne))
    (code-if :eq)
    (lower-call-runtime "list-values" (code-get first))
    (code-else)
    (lower-nil)
    (code-end)
    (code-set list)
    (cons count list)))

(defun finish-saving-values (saved)
  "Restores the values that the locals SAVED hold."
  (destructuring-bind (count . list) saved
    (code-get count)
    (ops (:i32.const 1) (:i32.ne))
    (code-if nil)
    (lower-call-runtime "restore-values" (code-get list))
    (op :drop)
    (code-else)
    (lower-set-value-count 1)
    (code-end)
    (code-release count)
    (code-release list)))

(defun lower-multiple-value-call (function arguments want)
  (if (and (global-function-node-p function)
           (eq (global-function-node-symbol function) 'list)
           arguments
           (null (rest arguments)))
      (lower-multiple-value-list (first arguments) want)
      (let ((callee (lower-object-local function))
            (collected (progn
                         (lower-nil)
                         (lower-store-object))))
        (dolist (argument arguments)
          (lower-append-values argument collected))
        (lower-call-runtime "apply-collected"
          (code-get callee)
          (code-get collected))
        (code-release callee)
        (code-release collected)
        (lower-deliver-values want))))

(defun lower-multiple-value-list (argument want)
  "A list of the values of an expression."
  (lower-node argument :values)
  (let ((first (lower-store-object)))
    (lower-call-runtime "list-values" (code-get first))
    (code-release first)
    (lower-deliver :object want)))

(defun lower-append-values (argument collected)
  "Appends the values of an expression to the list in the local COLLECTED."
  (lower-node argument :values)
  (let ((first (lower-store-object)))
    (lower-call-runtime "append-values"
      (code-get collected)
      (code-get first))
    (code-set collected)
    (code-release first)))

;;; Parameters and captured variables

(defun lower-bind-parameter (variable local representation)
  "Notes where a parameter's value is at function entry."
  (cond ((cell-variable-p variable)
         (code-get local)
         (lower-convert representation :object)
         (lower-bind-cell variable))
        (t (setf (variable-slot variable) (list :local local representation)))))

(defun lower-captured-value (variable want)
  "Writes the value of a variable as a function that closes over it takes it: the cell, or the value."
  (let ((slot (variable-slot variable)))
    (cond ((and (consp slot) (eq (first slot) :cell))
           (code-get (second slot)))
          ;; A function has itself, not the cell that others know it by; as nothing assigns that, another one will do.
          ((and (eq slot :self-object) (cell-variable-p variable))
           (lower-read-variable variable)
           (op :struct.new :cell))
          (t
           (lower-convert (lower-read-variable variable) want)))))

(defun captured-type (variable)
  "The Wasm type in which a captured variable reaches a function."
  (if (cell-variable-p variable)
      (ref-to :cell)
      (value-type (representation-of variable))))

(defun fixnum-literal (node)
  "The fixnum that a literal node holds, NIL if it holds none."
  (and (literal-node-p node)
       (eq (ast-literal-literal-type (literal-node-literal node)) :fixnum)
       (ast-literal-value (literal-node-literal node))))
