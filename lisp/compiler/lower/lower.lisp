;;;; AST to Wasm function bodies: what a form and its functions are lowered to, expressions, literals and variables.
;;;; Mirrors lower/mod.rs.
;;;;
;;;; How the value of an expression is wanted, a WANT, is one of
;;;;   :effect            not at all;
;;;;   a representation   the first value, on the stack;
;;;;   :values            the first value on the stack as an object, the others and their count in the value globals;
;;;;   :return            as the function's own values: control does not continue.

(in-package :clysm-compiler)

(defstruct (lower-context (:copier nil) (:predicate nil))
  "What surrounds the lowering of a form."
  is-direct                 ; function of a symbol: whether calls of that global function may go to its Wasm function directly
  keeps-frame               ; function of a symbol: whether a direct call of it in tail position keeps the caller's frame, so
                            ; that errors of the function have the call's position
  literals)                 ; the unit's literal pool

(defvar *lower-context* nil "The context of the form that is being lowered.")

(defstruct (lowered-function (:constructor make-lowered-function (id code entries)) (:copier nil) (:predicate nil))
  "One function of a lowered form."
  id                        ; the function of the tree
  code                      ; its body, a compiled function
  entries)                  ; the entries of its function object, if one exists

(defstruct (lowered-form (:constructor make-lowered-form (functions load-time-values)) (:copier nil) (:predicate nil))
  "A lowered form."
  functions                 ; its lowered functions, a list; the first is the toplevel
  load-time-values)         ; the functions that compute its LOAD-TIME-VALUE forms

(defstruct (lowerer (:constructor make-lowerer (function slots result)) (:copier nil) (:predicate nil))
  "The state of the lowering of one function. Its code is written to *CODE*."
  function                  ; the function of the tree
  slots                     ; where each variable is, by its index: a slot (see below), or NIL for one not bound yet
  (narrowed '())            ; what is known of variables' types, oldest first
  (frames '())              ; what an exit may have to leave, innermost first
  result)                   ; the representation of the function's value

(defvar *lowerer* nil "The state of the function that is being lowered.")

;;; Where a variable is: (:local LOCAL REPRESENTATION), (:cell LOCAL) for a cell that a local holds, or :SELF-OBJECT for
;;; the function object that was called.

(declaim (inline variable-slot (setf variable-slot) lower-direct-p lower-raw-p lower-natural))

(defun variable-slot (variable)
  (svref (lowerer-slots *lowerer*) (variable-info-index variable)))

(defun (setf variable-slot) (slot variable)
  (setf (svref (lowerer-slots *lowerer*) (variable-info-index variable)) slot))

(defun lower-direct-p (symbol)
  "Whether calls of the global function SYMBOL go to its Wasm function directly."
  (funcall (lower-context-is-direct *lower-context*) symbol))

(defun lower-raw-p ()
  "Whether the function that is being lowered has a raw signature."
  (lambda-function-raw (lowerer-function *lowerer*)))

(defun lower-natural (node)
  "The representation in which the value of NODE comes most cheaply."
  (natural-of node))

;;; Calls of the library that emission makes by itself

(defmacro runtime-name (name)
  "The symbol of the runtime function or raw helper NAME, a string."
  (let ((symbol (find-symbol (string-upcase name) :clysm)))
    (unless symbol
      (error "~A is not a runtime function" name))
    `',symbol))

(defmacro lower-call-runtime (name &body operands)
  "Calls a runtime function with the operands that the forms OPERANDS write; its value is an object. NAME is a string,
or a form for the function's symbol."
  (let ((symbol (gensym "SYMBOL")) (function (gensym "FUNCTION")))
    `(let* ((,symbol ,(if (stringp name) `(runtime-name ,name) name))
            (,function (begin-runtime-call ,symbol)))
       ,@operands
       (finish-runtime-call ,symbol ,function))))

(defmacro lower-call-raw (name &body operands)
  "Calls the raw helper NAME, a string, of the library with the operands that the forms OPERANDS write."
  `(progn ,@operands
          (code-call (list :global (runtime-name ,name)))))

(defmacro lower-preserving-count ((want) &body work)
  "Runs WORK, which writes calls of functions for effect, between a value and its use as WANT: the value count
survives."
  (let ((count (gensym "COUNT")))
    `(let ((,count (begin-preserving-count ,want)))
       ,@work
       (finish-preserving-count ,count))))

(defmacro lower-saving-values ((first) &body work)
  "Runs WORK, which writes code, so that the values of which the first is in the local FIRST survive that code."
  (let ((saved (gensym "SAVED")))
    `(let ((,saved (begin-saving-values ,first)))
       ,@work
       (finish-saving-values ,saved))))

;;; Forms and expressions

(defun lower-form (ast)
  "The lowered form of AST, in *LOWER-CONTEXT*."
  (let ((*analysis* (analyse ast))
        (variables (length (ast-variables ast))))
    (make-lowered-form (loop for function across (ast-functions ast) collect (lower-function function variables))
                       (coerce (ast-load-time-values ast) 'list))))

(defun lower-node (node want)
  "Writes an expression."
  (code-position (node-span node))
  (etypecase node
    (local-node (lower-deliver (lower-read-variable (local-node-variable node)) want))
    (call-node (lower-call (call-node-callee node) (call-node-arguments node) (node-span node) want))
    (literal-node (lower-literal (literal-node-literal node) want))
    (if-node (lower-conditional (if-node-test node) (if-node-then node) (if-node-otherwise node) want))
    (let-node (lower-let (let-node-bindings node) (let-node-body node) want))
    (primitive-node (lower-primitive node want))
    (progn-node (lower-progn (progn-node-nodes node) want))
    (set-local-node (lower-set-variable (set-local-node-variable node) (set-local-node-value node) want))
    (block-node (lower-block (block-node-block node) (block-node-body node) want))
    (return-from-node (lower-return-from (return-from-node-block node) (return-from-node-value node)))
    (special-node (lower-special (special-node-symbol node)) (lower-deliver :object want))
    (set-special-node (lower-set-special (set-special-node-symbol node) (set-special-node-value node) want))
    (tagbody-node (lower-tagbody (tagbody-node-tagbody node) (tagbody-node-segments node) want))
    (go-node (lower-go (go-node-tagbody node) (go-node-segment node)))
    (closure-node (lower-function-object (closure-node-function node)) (lower-deliver :object want))
    (global-function-node (lower-global-function (global-function-node-symbol node)) (lower-deliver :object want))
    (multiple-value-bind-node
     (lower-multiple-value-bind (multiple-value-bind-node-variables node) (multiple-value-bind-node-values node)
                                (multiple-value-bind-node-body node) want))
    (values-node (lower-values (values-node-nodes node) want))
    (bind-special-node (lower-bind-special (bind-special-node-bindings node) (bind-special-node-body node) want))
    (local-functions-node
     (lower-local-functions (local-functions-node-functions node) (local-functions-node-body node) want))
    (load-time-value-node
     (code-global-get (list :load-time-value (load-time-value-node-index node)))
     (lower-deliver :object want))
    (multiple-value-call-node
     (lower-multiple-value-call (multiple-value-call-node-function node) (multiple-value-call-node-arguments node) want))
    (multiple-value-prog1-node
     (lower-multiple-value-prog1 (multiple-value-prog1-node-first node) (multiple-value-prog1-node-rest node) want))
    (unwind-protect-node
     (lower-unwind-protect (unwind-protect-node-body node) (unwind-protect-node-cleanup node) want))
    (catch-node (lower-catch (catch-node-tag node) (catch-node-body node) want))
    (throw-node (lower-throw (throw-node-tag node) (throw-node-values node)))
    (progv-node (lower-progv (progv-node-symbols node) (progv-node-values node) (progv-node-body node) want))))

(defun lower-natural-node (node)
  "Writes an expression whose value is wanted in its natural representation, which is returned."
  (let ((representation (lower-natural node)))
    (lower-node node representation)
    representation))

(defun lower-object (node)
  "Writes an expression whose value is wanted as an object."
  (lower-node node :object))

(defun lower-object-local (node)
  "An object in a new local."
  (lower-object node)
  (lower-store-object))

(defun lower-store-object ()
  "Moves the object on the stack to a new local."
  (let ((local (code-local :eq)))
    (code-set local)
    local))

;;; Literals

(defun lower-literal (literal want)
  "Writes a constant as it is wanted."
  (let ((value (ast-literal-value literal))
        (type (ast-literal-literal-type literal)))
    (cond ((eq want :effect))
          ((eq want :condition) (code-i32 (if (eq type :nil) 0 1)))
          ((or (eq want :values) (eq want :return)) (lower-object-literal literal want))
          ((eq type :fixnum) (lower-fixnum-literal value want))
          ((and (eq type :integer) (eq want :i64)) (op :i64.const value))
          ((and (eq type :integer) (eq want :i32) (<= -2147483648 value 2147483647)) (code-i32 value))
          ;; Written as unsigned, such as a 32-bit mask.
          ((and (eq type :integer) (eq want :i32) (<= 0 value 4294967295)) (code-i32 (- value 4294967296)))
          ((and (eq type :double-float) (eq want :f64)) (op :f64.const value))
          ((and (eq type :single-float) (eq want :f64)) (op :f64.const (coerce value 'double-float)))
          ((and (eq type :single-float) (eq want :f32)) (op :f32.const value))
          (t (lower-object-literal literal want)))))

(defun lower-fixnum-literal (value representation)
  "Writes the fixnum VALUE."
  (ecase representation
    ((:fixnum :i32) (code-i32 value))
    (:i64 (op :i64.const value))
    (:f32 (op :f32.const (coerce value 'single-float)))
    (:f64 (op :f64.const (coerce value 'double-float)))
    ((:object :condition)
     (code-i32 value)
     (op :ref.i31))))

(defun lower-object-literal (literal want)
  "Writes a constant as an object that becomes what is wanted."
  (lower-literal-object literal)
  (lower-deliver :object want))

(defun lower-literal-object (literal)
  "Writes a constant as an object."
  (let ((value (ast-literal-value literal)))
    (case (ast-literal-literal-type literal)
      ((:nil :t :symbol) (code-global-get (list :symbol value)))
      (:fixnum
       (code-i32 value)
       (op :ref.i31))
      (t (code-global-get (list :literal (literal-pool-add (lower-context-literals *lower-context*) value)))))))

(defun lower-nil ()
  (code-global-get '(:symbol nil)))

(defun nil-node-p (node)
  "Whether NODE is the literal NIL."
  (and (literal-node-p node)
       (eq (ast-literal-literal-type (literal-node-literal node)) :nil)))

;;; Sequences and bindings

(defun lower-progn (nodes want)
  (if (null nodes)
      (lower-literal (make-literal nil) want)
      (loop for (node . rest) on nodes
            do (lower-node node (if rest :effect want)))))

(defun lower-let (bindings body want)
  (let ((locals (lower-bind-variables bindings)))
    (lower-node body want)
    (lower-release-all locals)))

(defun lower-bind-variables (bindings)
  "Binds variables to the values of expressions, one after the other; the locals."
  (loop for (variable . init) in bindings collect (lower-bind-variable variable init)))

(defun lower-release-all (locals)
  (dolist (local locals)
    (code-release local)))

(defun lower-bind-variable (variable init)
  "Binds a variable to the value of an expression; the local."
  (lower-forget variable)
  (cond ((cell-variable-p variable)
         (lower-object init)
         (lower-bind-cell variable))
        (t
         (let ((representation (representation-of variable)))
           (lower-node-as-declared init representation)
           (let ((local (code-local (value-type representation))))
             (code-set local)
             (setf (variable-slot variable) (list :local local representation))
             local)))))

(defun lower-bind-object (variable)
  "Binds a variable to the object on the stack; the local."
  (lower-forget variable)
  (if (cell-variable-p variable)
      (lower-bind-cell variable)
      (let ((local (lower-store-object)))
        (setf (variable-slot variable) (list :local local :object))
        local)))

(defun lower-bind-cell (variable)
  "Binds a variable to a new cell with the object on the stack; the local that holds the cell."
  (op :struct.new :cell)
  (let ((local (code-local (ref-to :cell))))
    (code-set local)
    (setf (variable-slot variable) (list :cell local))
    local))

(defun lower-read-variable (variable)
  "Writes the value of a variable, and returns its representation."
  (let ((slot (variable-slot variable)))
    (cond ((null slot)
           ;; Reached only in code that an exit before it has made unreachable.
           (op :unreachable)
           :object)
          ((eq slot :self-object)
           (code-get 0)
           (op :ref.as_non_null)
           :object)
          ((eq (first slot) :local)
           (code-get (second slot))
           (third slot))
          (t
           (code-get (second slot))
           (op :struct.get :cell 0)
           :object))))

(defun lower-set-variable (variable value want)
  "Assigns the value of an expression to a variable."
  (let ((slot (variable-slot variable)))
    (cond ((not (consp slot))
           (lower-node value :effect)
           (op :unreachable))
          ((eq (first slot) :local) (lower-set-local variable (second slot) (third slot) value want))
          (t (lower-set-cell (second slot) value want)))))

(defun lower-set-local (variable local representation value want)
  (lower-node-as-declared value representation)
  (lower-forget variable)
  (cond ((eq want :effect) (code-set local))
        (t
         (code-tee local)
         (lower-deliver representation want))))

(defun lower-set-cell (cell value want)
  (let ((object (lower-object-local value)))
    (code-get cell)
    (code-get object)
    (op :struct.set :cell 0)
    (lower-assigned object want)))

(defun lower-assigned (object want)
  "Delivers the new value of an assignment, in the local OBJECT, which is released."
  (unless (eq want :effect)
    (code-get object)
    (lower-deliver :object want))
  (code-release object))

;;; Dynamic variables and global functions

;;; Field 2 of a symbol is its value, field 3 its function.

(defun always-bound-p (symbol)
  "Whether a dynamic variable always has a value."
  (let ((fact (facts-variable (world-facts symbol))))
    (or (eq fact :global) (constant-fact-p fact))))

(defun lower-special (symbol)
  "Writes the value of a dynamic variable."
  (code-global-get (list :symbol symbol))
  (op :struct.get :symbol 2)
  (unless (always-bound-p symbol)
    (let ((value (lower-store-object)))
      (code-get value)
      (code-global-get '(:runtime :unbound))
      (op :ref.eq)
      (code-if :eq)
      (lower-call-runtime "signal-unbound-variable" (code-global-get (list :symbol symbol)))
      (code-else)
      (code-get value)
      (code-end)
      (code-release value))))

(defun lower-set-special (symbol value want)
  "Assigns the value of an expression to a dynamic variable."
  (let ((object (lower-object-local value)))
    (code-global-get (list :symbol symbol))
    (code-get object)
    (op :struct.set :symbol 2)
    (lower-assigned object want)))

(defun lower-global-function (symbol)
  "Writes the function object in a symbol's function cell."
  (literal-pool-note-function (lower-context-literals *lower-context*) symbol)
  (code-global-get (list :symbol symbol))
  (op :struct.get :symbol 3))
