;;;; The tree of one toplevel form: expressions, literals, and the variables, functions, blocks and tagbodies that they refer to.
;;;; Mirrors the crate clysm-ast.
;;;;
;;;; A representation says how a value travels in Wasm: :object, (ref eq); :fixnum, an i32 within 31 bits; :i32, :i64, :f32, :f64;
;;;; :condition, an i32 that is zero for false.

(in-package :clysm-compiler)

;;; Literals

(defstruct (ast-literal (:constructor make-ast-literal (value literal-type)) (:copier nil))
  "A constant in a program."
  value
  literal-type)                         ; what it is, a function of the value; decides how lowering makes it

(defun make-literal (value)
  "VALUE as a literal."
  (make-ast-literal value
                    (typecase value
                      (null :nil)
                      ((eql t) :t)
                      (symbol :symbol)
                      (fixnum :fixnum)
                      ((signed-byte 64) :integer)
                      (character :character)
                      (single-float :single-float)
                      (double-float :double-float)
                      (t :object))))

;;; Variables, functions, exits. Their indices are in the order in which they were made.

(defstruct (variable-info (:copier nil))
  "A lexical variable. Every binding has its own."
  index
  name                                  ; in the source
  owner                                 ; the function whose invocation binds it
  (declared nil)                        ; a representation that declarations guarantee
  (vector nil)                          ; the kind of simple vector that declarations promise, by the number of its type
  (assigned nil)                        ; whether anything assigns it after its binding
  (captured nil)                        ; whether a function other than its owner refers to it
  (reads 0))                            ; how many expressions read it

(defstruct (keyword-info (:copier nil))
  "A keyword parameter: its name in calls, and the variable that receives the argument or the missing-argument marker."
  keyword
  variable)

(defstruct (parameters (:copier nil))
  "The parameters of a function, in the order in which its Wasm function takes them. Default values, supplied-p variables, &AUX and
special bindings are part of the body."
  (required '())
  (optional '())
  (rest nil)
  (keywords '())
  (accepts-keywords nil)                ; whether &KEY is present, even without parameters
  (allow-other-keys nil))

(defun parameters-variables (parameters)
  "Every parameter variable in calling order."
  (append (parameters-required parameters)
          (parameters-optional parameters)
          (and (parameters-rest parameters) (list (parameters-rest parameters)))
          (mapcar #'keyword-info-variable (parameters-keywords parameters))))

(defun parameters-min-count (parameters)
  (length (parameters-required parameters)))

(defun parameters-max-count (parameters)
  "The largest argument count, or NIL when there is no limit."
  (if (or (parameters-rest parameters) (parameters-accepts-keywords parameters))
      nil
      (+ (length (parameters-required parameters)) (length (parameters-optional parameters)))))

(defstruct (lambda-function (:copier nil))
  "A function: a lambda expression, a local function, or the toplevel form itself."
  index
  (name nil)                            ; for error messages and stack traces
  (parent nil)                          ; the function it is written in; the toplevel function has none
  (parameters (make-parameters))
  (body (node-nil))
  (escapes nil)                         ; whether its function object is needed, beyond direct calls
  (holder nil)                          ; of a local function: the variable that holds its function object if it escapes
  (raw nil))                            ; for a raw Wasm signature: (PARAMETERS . RESULT), representations

(defstruct (block-info (:copier nil))
  "An exit point made by BLOCK."
  index
  name
  owner                                 ; the function it stands in
  (token nil))                          ; when another function exits through it: the variable that holds its identity

(defstruct (tagbody-info (:copier nil))
  "The tags of a TAGBODY."
  index
  owner
  (token nil))

(defun make-arena ()
  (make-array 8 :adjustable t :fill-pointer 0))

(defstruct (ast (:constructor make-ast ()) (:copier nil))
  "One toplevel form; its first function is the form itself, without parameters."
  (variables (make-arena))
  (functions (make-arena))
  (blocks (make-arena))
  (tagbodies (make-arena))
  (load-time-values (make-arena)))      ; the functions, without parameters, that compute LOAD-TIME-VALUE forms

(defun new-ast ()
  "An empty form whose value is NIL."
  (let ((ast (make-ast)))
    (ast-add-function ast nil nil)
    ast))

(defmacro define-arena (name (&rest parameters) arena constructor documentation)
  "Defines the function NAME, of a tree and PARAMETERS, that adds what CONSTRUCTOR makes to ARENA, with its index."
  `(defun ,name (ast ,@parameters)
     ,documentation
     (let* ((arena (,arena ast))
            (added (,constructor :index (length arena)
                                 ,@(loop for parameter in parameters
                                         collect (clysm::%keyword parameter)
                                         collect parameter))))
       (vector-push-extend added arena)
       added)))

(define-arena ast-add-variable (name owner) ast-variables make-variable-info "Adds a variable.")
(define-arena ast-add-function (name parent) ast-functions make-lambda-function "Adds a function without parameters or body.")
(define-arena ast-add-block (name owner) ast-blocks make-block-info "Adds a block.")
(define-arena ast-add-tagbody (owner) ast-tagbodies make-tagbody-info "Adds a tagbody.")

;;; Expressions

(defstruct (node (:copier nil))
  "An expression with the source it came from."
  (span nil))

(defmacro define-node (name (&rest slots) documentation)
  `(defstruct (,name (:include node) (:copier nil))
     ,documentation
     ,@slots))

(define-node literal-node (literal) "A constant.")
(define-node local-node (variable) "The value of a lexical variable.")
(define-node set-local-node (variable value) "Assignment of a lexical variable; its value is the new value.")
(define-node special-node (symbol) "The value of a dynamic variable.")
(define-node set-special-node (symbol value) "Assignment of a dynamic variable.")
(define-node global-function-node (symbol) "The function object of a global function.")
(define-node closure-node (function) "A closure over a lambda expression, or the function object of a local function.")
(define-node call-node (callee arguments)
  "A function call. The callee is (:global SYMBOL), (:notinline SYMBOL) where that is NOTINLINE, called through the symbol's
function cell, (:local FUNCTION), or (:computed NODE) as FUNCALL takes it.")
(define-node primitive-node (op immediate-1 immediate-2 arguments)
  "A primitive operation with type and field operands, or zero.")
(define-node if-node (test then otherwise) "A conditional.")
(define-node progn-node (nodes) "Expressions in sequence; the last one's values.")
(define-node let-node (bindings body)
  "Lexical bindings (VARIABLE . NODE). Variables are unique, so later initial forms may refer to earlier variables.")
(define-node bind-special-node (bindings body) "Parallel dynamic bindings (SYMBOL . NODE).")
(define-node progv-node (symbols values body) "Dynamic bindings computed at run time.")
(define-node block-node (block body) "An exit point.")
(define-node return-from-node (block value) "Exit from a block with values.")
(define-node tagbody-node (tagbody segments)
  "Statements with labels: segment 0 precedes the first tag, segment I follows tag I - 1.")
(define-node go-node (tagbody segment) "Transfer to the start of a segment, counted from 1.")
(define-node catch-node (tag body) "A dynamic exit point.")
(define-node throw-node (tag values) "A dynamic exit.")
(define-node unwind-protect-node (body cleanup) "Body and cleanup.")
(define-node local-functions-node (functions body) "The definition of local functions around a body.")
(define-node values-node (nodes) "Several values.")
(define-node multiple-value-bind-node (variables values body) "Binds variables to the values of an expression.")
(define-node multiple-value-call-node (function arguments)
  "Calls a function with all values of the argument expressions.")
(define-node multiple-value-prog1-node (first rest) "The first expression's values, after the others were evaluated.")
(define-node load-time-value-node (index) "A LOAD-TIME-VALUE form, by its index in the form's list of such forms.")

(defun node-nil ()
  (make-literal-node :literal (make-literal nil)))

(defun node-progn (nodes span)
  "Several expressions as one."
  (cond ((null nodes) (make-literal-node :span span :literal (make-literal nil)))
        ((null (cdr nodes)) (car nodes))
        (t (make-progn-node :span span :nodes nodes))))

(defun map-children (function node)
  "Calls FUNCTION with each direct subexpression of NODE, in evaluation order."
  (macrolet ((visit (&rest nodes)
               `(progn ,@(mapcar (lambda (node) `(funcall function ,node)) nodes)))
             (visit-all (nodes)
               `(mapc function ,nodes))
             (visit-bindings (bindings)
               `(dolist (binding ,bindings) (visit (cdr binding)))))
    (etypecase node
      ((or literal-node local-node special-node global-function-node closure-node go-node load-time-value-node))
      (call-node
       (when (eq (first (call-node-callee node)) :computed)
         (visit (second (call-node-callee node))))
       (visit-all (call-node-arguments node)))
      (primitive-node (visit-all (primitive-node-arguments node)))
      (if-node (visit (if-node-test node) (if-node-then node) (if-node-otherwise node)))
      (progn-node (visit-all (progn-node-nodes node)))
      (let-node
       (visit-bindings (let-node-bindings node))
       (visit (let-node-body node)))
      (set-local-node (visit (set-local-node-value node)))
      (set-special-node (visit (set-special-node-value node)))
      (block-node (visit (block-node-body node)))
      (return-from-node (visit (return-from-node-value node)))
      (tagbody-node (dolist (segment (tagbody-node-segments node)) (visit-all segment)))
      (local-functions-node (visit (local-functions-node-body node)))
      (values-node (visit-all (values-node-nodes node)))
      (bind-special-node
       (visit-bindings (bind-special-node-bindings node))
       (visit (bind-special-node-body node)))
      (progv-node (visit (progv-node-symbols node) (progv-node-values node) (progv-node-body node)))
      (catch-node (visit (catch-node-tag node) (catch-node-body node)))
      (throw-node (visit (throw-node-tag node) (throw-node-values node)))
      (unwind-protect-node (visit (unwind-protect-node-body node) (unwind-protect-node-cleanup node)))
      (multiple-value-bind-node
       (visit (multiple-value-bind-node-values node) (multiple-value-bind-node-body node)))
      (multiple-value-call-node
       (visit (multiple-value-call-node-function node))
       (visit-all (multiple-value-call-node-arguments node)))
      (multiple-value-prog1-node
       (visit (multiple-value-prog1-node-first node) (multiple-value-prog1-node-rest node))))
    nil))
