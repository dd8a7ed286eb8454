;;;; Function calls. Mirrors lower/calls.rs.
;;;;
;;;; What a direct call passes for a parameter of the callee, an argument of its plan, is the number of an argument
;;;; expression, :MISSING for the marker of a missing argument, or (:rest N) for a list of the argument expressions from
;;;; that number on.
;;;;
;;;; A call through a function object leaves its caller in one of three ways, its tail: NIL, the caller's frame stays;
;;;; T, the callee's frame takes its place; :IF-DEFINED, the same unless the function is undefined: the error that
;;;; signals this has the call's position then.

(in-package :clysm-compiler)

(defun lower-call (callee arguments span want)
  (ecase (first callee)
    (:global (lower-call-global (second callee) arguments span want))
    (:notinline (lower-call-notinline (second callee) arguments span want))
    (:local (lower-call-local (second callee) arguments span want))
    (:computed
     (let ((function (lower-function-designator (second callee))))
       (lower-call-object function arguments span want (lower-tail want))
       (code-release function)))))

;;; Global functions

(defun lower-call-global (name arguments span want)
  (let ((intrinsic (natural-intrinsic name (length arguments))))
    (cond (intrinsic (lower-deliver (lower-intrinsic intrinsic name arguments span) want))
          ((and (lower-never-returns-p name)
                (not (and (eq want :return) (lower-may-tail-call-p))))
           (lower-call-function name arguments span :effect)
           ;; What is alive only after the call need not survive it.
           (op :unreachable))
          (t (lower-call-function name arguments span want)))))

(defun lower-never-returns-p (name)
  "Whether a call of a global function never comes back."
  (and (never-returns-p name)
       (lower-direct-p name)))

(defun lower-call-function (name arguments span want)
  "Calls a global function that is not compiled inline."
  (let* ((signature (and (lower-direct-p name) (world-signature name)))
         (raw (and signature (signature-raw signature))))
    (if raw
        (lower-call-raw-function name raw arguments span want)
        (multiple-value-bind (plan planned) (and signature (plan-call signature arguments))
          (if planned
              (lower-call-planned (list :global name) nil plan arguments span want)
              (lower-call-cell name arguments span want))))))

(defun lower-call-notinline (name arguments span want)
  "Calls a global function that is NOTINLINE. One with a raw signature has no function object."
  (let ((signature (world-signature name)))
    (if (and signature (signature-raw signature))
        (lower-call-function name arguments span want)
        (lower-call-cell name arguments span want))))

(defun lower-call-cell (name arguments span want)
  "Calls a global function through the symbol's function cell."
  (let ((tail (lower-cell-tail name (length arguments) want))
        (function (lower-begin-call name)))
    (lower-call-object function arguments span want tail)
    (code-release function)))

(defun lower-cell-tail (name count want)
  "How a call through a symbol's function cell leaves its caller. What is known to fail keeps the frame, since it is
what gives the error a position."
  (let ((tail (lower-tail want))
        (signature (world-signature name)))
    (cond ((not tail) nil)
          ((null signature) :if-defined)
          (t (if (signature-accepts-p signature count) t nil)))))

(defun lower-tail (want)
  "Whether a call for WANT is a tail call."
  (and (eq want :return) (lower-may-tail-call-p)))

(defun lower-begin-call (name)
  "The function object in a symbol's function cell, in a local."
  (lower-global-function name)
  (let ((function (code-local (ref-to :function))))
    (code-set function)
    function))

(defun lower-begin-cell-call (name)
  "Pushes the function object of a call through a function cell; the local that holds it."
  (let ((function (lower-begin-call name)))
    (code-get function)
    function))

(defun lower-finish-cell-call (function count)
  "Calls the function object in a local, under its COUNT arguments on the stack."
  (lower-call-entry function (entry-for-count count) nil)
  (code-release function))

(defun lower-call-raw-function (name raw arguments span want)
  "Calls a global function with the raw signature RAW."
  (destructuring-bind (parameters . result) raw
    (loop for argument in arguments
          for representation in parameters
          do (lower-node argument representation))
    (code-position span)
    (code-call (list :global name))
    (lower-deliver result want)))

(defun lower-call-planned (target object plan arguments span want)
  "Calls the Wasm function TARGET as PLAN says, with the function object in the local OBJECT or none."
  (lower-pass object plan arguments)
  (code-position span)
  (lower-finish-call target want))

(defun lower-pass (object plan arguments)
  "Pushes the function object and the parameters of a call."
  (let ((locals (lower-arguments-in-order plan arguments)))
    (lower-push-self object)
    (dolist (argument plan)
      (cond ((eq argument :missing) (code-global-get '(:runtime :unsupplied)))
            ((consp argument) (lower-list-of (nthcdr (second argument) arguments)))
            (locals (code-get (cdr (assoc argument locals))))
            (t (lower-object (nth argument arguments)))))
    (loop for (nil . local) in locals do (code-release local))))

(defun lower-arguments-in-order (plan arguments)
  "Arguments are evaluated in the order in which they are written. When PLAN has them in another, evaluates them to
locals: an association list from the number of the argument."
  (let ((given (remove-if-not #'integerp plan)))
    (unless (sorted-p given)
      (loop for index in (sort given #'<)
            collect (cons index (lower-object-local (nth index arguments)))))))

(defun sorted-p (numbers)
  "Whether the list NUMBERS ascends."
  (loop for (a b) on numbers always (or (null b) (<= a b))))

(defun lower-push-self (object)
  (if object
      (code-get object)
      (op :ref.null :function)))

(defun lower-finish-call (target want)
  "Calls the Wasm function TARGET, whose parameters are on the stack."
  (cond ((and (lower-tail want)
              (not (and (eq (first target) :global)
                        (funcall (lower-context-keeps-frame *lower-context*) (second target)))))
         (code-return-call target))
        (t
         (code-call target)
         (lower-deliver-values want))))

(defun lower-may-tail-call-p ()
  "Whether a call in tail position may replace this function's frame: the result types must agree."
  (and (eq (lowerer-result *lowerer*) :object)
       (not (lower-raw-p))))

(defun lower-list-of (nodes)
  "A fresh list of the values of expressions."
  (dolist (node nodes)
    (lower-object node))
  (lower-nil)
  (dolist (node nodes)
    (declare (ignore node))
    (code-i32 0)
    (op :struct.new :cons)))

;;; Local functions

(defun lower-call-local (function arguments span want)
  (multiple-value-bind (plan planned) (plan-call (make-parameter-signature (lambda-function-parameters function)) arguments)
    (cond ((lambda-function-escapes function)
           (let ((object (lower-local-function-object function)))
             (if planned
                 (lower-call-planned (list :local function) object plan arguments span want)
                 (lower-call-object object arguments span want (lower-tail want)))
             (code-release object)))
          (planned (lower-call-lifted function plan arguments span want))
          ;; The conversion gives a function that is called like that a function object.
          (t (op :unreachable)))))

(defun lower-local-function-object (function)
  "The function object of a local function, in a local."
  (let ((object (code-local (ref-to :function)))
        (holder (lambda-function-holder function)))
    (cond (holder
           (lower-read-variable holder)
           (lower-cast :function))
          (t (op :unreachable)))
    (code-set object)
    object))

(defun lower-call-lifted (function plan arguments span want)
  "Calls a local function that has no function object: what it closes over follows its parameters."
  (lower-pass nil plan arguments)
  (dolist (variable (captures function))
    (lower-captured-value variable (representation-of variable)))
  (code-position span)
  (lower-finish-call (list :local function) want))

;;; Function objects

(defun lower-function-designator (node)
  "The function that an expression designates, in a local: a function object is itself, a symbol stands for its global
function."
  (let ((function (code-local (ref-to :function))))
    (lower-object node)
    (cond ((or (closure-node-p node) (global-function-node-p node))
           (lower-cast :function)
           (code-set function))
          (t (lower-coerce-to-function function)))
    function))

(defun lower-coerce-to-function (function)
  "Moves the function that the object on the stack designates to a local."
  (let ((object (lower-store-object)))
    (code-get object)
    (lower-test :function)
    (code-if :eq)
    (code-get object)
    (code-else)
    (lower-call-runtime "coerce-to-function" (code-get object))
    (code-end)
    (lower-cast :function)
    (code-set function)
    (code-release object)))

(defun lower-call-object (function arguments span want tail)
  "Calls the function object in a local with the values of expressions."
  (let* ((count (length arguments))
         (entry (entry-for-count count)))
    (code-get function)
    (dolist (argument arguments)
      (lower-object argument))
    (when (eq entry :vector)
      (op :array.new_fixed :simple-vector count))
    (code-position span)
    (lower-call-entry function entry tail)
    (unless (eq tail t)
      (lower-deliver-values want))))

(defun lower-call-entry (function entry tail)
  "call_indirect through the entry table."
  (let ((type-index (entry-type-index entry))
        (table-index (entry-table entry)))
    (lower-function-code function)
    (ecase tail
      ((nil) (op :call_indirect type-index table-index))
      ((t) (op :return_call_indirect type-index table-index))
      ;; The parameters on the stack are those of the block as well.
      (:if-defined
       (code-if type-index)
       (lower-call-entry function entry t)
       (code-else)
       (lower-call-entry function entry nil)
       (code-end)))))

(defun lower-function-code (function)
  "Pushes a function object's code index, which is zero if it stands for an undefined function."
  (code-get function)
  (op :struct.get :function 0))

(defun lower-primitive-funcall (arguments want)
  "(%funcall function argument…): the function is known to be an object."
  (if (null arguments)
      (op :unreachable)
      (let ((local (code-local (ref-to :function))))
        (lower-object (first arguments))
        (lower-cast :function)
        (code-set local)
        (lower-call-object local (rest arguments) nil want (lower-tail want))
        (code-release local))))

(defun lower-primitive-funcall-vector (arguments want)
  "(%funcall-vector function vector)"
  (let ((local (code-local (ref-to :function)))
        (tail (lower-tail want)))
    (lower-object (first arguments))
    (lower-cast :function)
    (code-tee local)
    (lower-object (second arguments))
    (lower-cast :simple-vector)
    (lower-call-entry local :vector tail)
    (code-release local)
    (unless tail
      (lower-deliver-values want))))

;;; Plans

(defun plan-call (signature arguments)
  "How a call with ARGUMENTS passes parameters to a function of SIGNATURE. Second value: NIL when there is no plan, and
the call must go through the function object."
  (if (signature-accepts-p signature (length arguments))
      (let ((first-key (min (+ (signature-required signature) (signature-optional signature)) (length arguments))))
        (multiple-value-bind (keywords planned)
            (if (signature-accepts-keywords signature)
                (plan-keywords signature (nthcdr first-key arguments) first-key)
                (values '() t))
          ;; A list argument evaluates the expressions that keywords would evaluate again.
          (if (and planned
                   (not (and (signature-rest signature)
                             (signature-accepts-keywords signature)
                             (< first-key (length arguments)))))
              (values (append (plan-positions signature (length arguments))
                              (and (signature-rest signature) (list (list :rest first-key)))
                              keywords)
                      t)
              (values nil nil))))
      (values nil nil)))

(defun plan-positions (signature count)
  "The plan for the required and optional parameters of a call with COUNT arguments."
  (loop for index of-type fixnum from 0 below (+ (signature-required signature) (signature-optional signature))
        collect (if (< index count) index :missing)))

(defun plan-keywords (signature pairs first)
  "The plan for the keyword parameters of a call with the keywords and values PAIRS, which are its arguments from number
FIRST on. Second value: NIL when there is no plan."
  (let ((given (mapcar (constantly :missing) (signature-keywords signature))))
    (loop
      (when (null pairs)
        (return (values given t)))
      (let ((position (and (rest pairs) (keyword-position (first pairs) (signature-keywords signature)))))
        (unless (and position (eq (nth position given) :missing))
          (return (values nil nil)))
        (setf (nth position given) (+ first 1))
        (setq pairs (cddr pairs))
        (incf first 2)))))

(defun keyword-position (node keywords)
  "The position among KEYWORDS of the symbol that a literal node holds, if it holds one of them."
  (and (literal-node-p node)
       (case (ast-literal-literal-type (literal-node-literal node))
         ((:nil :t :symbol)
          (position (ast-literal-value (literal-node-literal node)) keywords :test #'eq)))))

(defun direct-call-p (signature arguments)
  "Whether a call with these arguments can be made without the function object, which sorts out what can't be known
before the call: unknown and repeated keywords, keywords that are computed, wrong counts."
  (nth-value 1 (plan-call signature arguments)))
