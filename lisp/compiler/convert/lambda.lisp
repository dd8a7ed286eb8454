;;;; Lambda expressions and local functions.
;;;;
;;;; The bindings that a lambda list puts around the body are collected as wrappers, the innermost first: (VARIABLE . NODE), or
;;;; (SYMBOL . NODE) for a dynamic binding.

(in-package :clysm-compiler)

(defun convert-lambda (name definition block block-p)
  "Converts DEFINITION, (LAMBDA-LIST . BODY), into a function. BLOCK names the implicit block, if BLOCK-P."
  (let ((function (ast-add-function (converter-ast *converter*) name (converter-function *converter*))))
    (convert-lambda-into function definition block block-p)
    function))

(defun convert-closure (name definition block)
  "A closure over a lambda expression's definition. BLOCK names the implicit block, if it is not NIL."
  (let ((function (convert-lambda name definition block (and block t))))
    (setf (lambda-function-escapes function) t)
    (convert-closure-node function)))

(defun convert-closure-node (function)
  (make-closure-node :span (converter-span *converter*) :function function))

(defun convert-lambda-into (function definition block block-p)
  "Makes what DEFINITION says the parameters and the body of FUNCTION."
  (unless (consp definition)
    (compile-failure :malformed "lambda expression" "no lambda list"))
  (let ((lambda-list (convert-lambda-list (car definition)))
        (outer (converter-function *converter*)))
    (multiple-value-bind (declared forms) (convert-parse-body (cdr definition) t)
      (setf (converter-function *converter*) function)
      (with-inner-scope
        (let ((body (converting-within (definition (converter-span *converter*))
                      (convert-function-body lambda-list declared forms block block-p))))
          (setf (lambda-function-body function) body
                (converter-function *converter*) outer))))))

(defun convert-function-body (list declared forms block block-p)
  (let ((wrappers (convert-bind-parameters list declared)))
    (bind-free-declarations declared (lambda (name) (lambda-list-binds-p list name)))
    (let ((node (if block-p
                    (convert-block-around block (lambda () (convert-sequence forms)))
                    (convert-sequence forms))))
      (dolist (wrapper wrappers node)
        (setq node (if (symbolp (car wrapper))
                       (convert-bind-special-node (list wrapper) node)
                       (convert-let-node (list wrapper) node)))))))

(defun lambda-list-binds-p (list name)
  (flet ((binds-p (parameter)
           (or (eq (optional-parameter-name parameter) name)
               (eq (optional-parameter-supplied parameter) name))))
    (or (member name (lambda-list-required list) :test #'eq)
        (eq (lambda-list-rest list) name)
        (some #'binds-p (lambda-list-optional list))
        (some #'binds-p (mapcar #'keyword-parameter-parameter (lambda-list-keywords list)))
        (assoc name (lambda-list-aux list) :test #'eq))))

(defun convert-bind-parameters (list declared)
  "Binds the parameters of the current function; returns the wrappers."
  (let ((parameters (convert-make-parameters list))
        (wrappers '()))
    (flet ((wrap (more)
             (setq wrappers (append more wrappers))))
      (loop for name in (lambda-list-required list)
            for variable in (parameters-required parameters)
            do (wrap (convert-bind-parameter name variable declared)))
      (loop for specification in (lambda-list-optional list)
            for variable in (parameters-optional parameters)
            do (wrap (convert-bind-optional specification variable declared)))
      (when (lambda-list-rest list)
        (wrap (convert-bind-parameter (lambda-list-rest list) (parameters-rest parameters) declared)))
      (loop for specification in (lambda-list-keywords list)
            for keyword in (parameters-keywords parameters)
            do (wrap (convert-bind-optional (keyword-parameter-parameter specification)
                                            (keyword-info-variable keyword)
                                            declared)))
      (loop for (name . init) in (lambda-list-aux list)
            do (wrap (convert-wrap name (convert-form init) declared))))
    wrappers))

(defun convert-make-parameters (list)
  "Gives the current function its parameters: all of Wasm's, in calling order."
  (let ((parameters (lambda-function-parameters (converter-function *converter*))))
    (flet ((optional-variable (parameter)
             (convert-add-variable (optional-parameter-name parameter))))
      (setf (parameters-required parameters)
            (mapcar #'convert-add-variable (lambda-list-required list)))
      (setf (parameters-optional parameters)
            (mapcar #'optional-variable (lambda-list-optional list)))
      (setf (parameters-rest parameters)
            (and (lambda-list-rest list)
                 (convert-add-variable (lambda-list-rest list))))
      (setf (parameters-keywords parameters)
            (mapcar (lambda (keyword)
                      (make-keyword-info :keyword (keyword-parameter-keyword keyword)
                                         :variable (optional-variable (keyword-parameter-parameter keyword))))
                    (lambda-list-keywords list)))
      (setf (parameters-accepts-keywords parameters) (lambda-list-accepts-keywords list)
            (parameters-allow-other-keys parameters) (lambda-list-allow-other-keys list)))
    parameters))

(defun convert-bind-parameter (name variable declared)
  "Binds a parameter that always has an argument; returns wrappers. Its variable is the Wasm parameter itself where nothing forbids
it."
  (cond ((or (convert-binds-dynamically-p name declared)
             (declarations-representation declared name))
         (convert-wrap name (convert-read-local variable) declared))
        (t (setf (variable-info-vector variable) (declarations-vector declared name))
           (convert-note-variable variable name declared)
           (convert-bind-lexical name variable)
           '())))

(defun convert-bind-optional (specification variable declared)
  "Binds a parameter that may have no argument; returns wrappers."
  (let* ((default (convert-form (optional-parameter-default specification)))
         (missing (convert-unsupplied-p variable))
         (argument (convert-read-local variable))
         (wrappers (convert-wrap (optional-parameter-name specification)
                                 (convert-if-node missing default argument)
                                 declared))
         (supplied (optional-parameter-supplied specification)))
    (if supplied
        (append (convert-wrap supplied
                              (convert-if-node (convert-unsupplied-p variable) (convert-literal nil) (convert-literal t))
                              declared)
                wrappers)
        wrappers)))

(defun convert-unsupplied-p (variable)
  "Whether a parameter has no argument."
  (let ((argument (convert-read-local variable)))
    (convert-global-call-node 'eq argument (convert-system-primitive 'clysm::%unsupplied))))

(defun convert-wrap (name value declared)
  "Binds NAME to VALUE for the rest of the lambda list and the body; returns a list of the wrapper."
  (cond ((convert-binds-dynamically-p name declared)
         (convert-bind-special name)
         (list (cons name value)))
        (t (list (cons (convert-bind-variable name declared) value)))))

(defun convert-new-variable (name representation vector)
  "A new variable of the current function, of which REPRESENTATION and VECTOR, if they are not NIL, are declared."
  (let ((variable (convert-add-variable name)))
    (setf (variable-info-declared variable) representation
          (variable-info-vector variable) vector)
    variable))

(defun convert-binds-dynamically-p (name declared)
  (or (declarations-special-p declared name)
      (world-special-p name)))

;;; Local functions.

(defun convert-local-functions (form recursive)
  "FLET, or LABELS if RECURSIVE."
  (unless (consp (cdr form))
    (convert-malformed form "no definitions"))
  (let* ((definitions (convert-list (second form) "local function definitions"))
         (blocks '())
         (functions (mapcar (lambda (definition)
                              (multiple-value-bind (function block) (convert-add-local-function form definition)
                                (push block blocks)
                                function))
                            definitions)))
    (with-inner-scope
      (when recursive
        (convert-bind-functions functions))
      (loop for function in functions
            for definition in definitions
            for block in (reverse blocks)
            do (convert-local-function function definition block))
      (unless recursive
        (convert-bind-functions functions))
      (let ((body (convert-locally (cddr form))))
        (make-local-functions-node :span (converter-span *converter*) :functions functions :body body)))))

(defun convert-add-local-function (form definition)
  "A function for a DEFINITION of FORM, and the name of its block."
  (unless (consp definition)
    (convert-malformed form "a definition is not a list"))
  (multiple-value-bind (operator block) (convert-function-name (car definition))
    (let ((function (ast-add-function (converter-ast *converter*) operator (converter-function *converter*))))
      (setf (lambda-function-holder function) (convert-add-variable operator))
      (convert-note-local-function function (span-of definition))
      (values function block))))

(defun convert-bind-functions (functions)
  (dolist (function functions)
    (scope-bind-operator (lambda-function-name function) :function function)))

(defun convert-local-function (function definition block)
  "Converts the definition of a local function, whose position is its own."
  (let ((outer (converter-span *converter*)))
    (setf (converter-span *converter*) (or (span-of definition) outer))
    (convert-lambda-into function (cdr definition) block t)
    (setf (converter-span *converter*) outer)))

(defun convert-function-name (name)
  "The symbol that stands for the function NAME, and the name of the implicit block."
  (cond ((symbolp name) (values name name))
        ((and (consp name)
              (eq (car name) 'setf)
              (eql (list-length-or-nil name) 2)
              (symbolp (second name)))
         (values (setf-symbol (second name)) (second name)))
        (t (compile-failure :malformed "function name" "neither a symbol nor (SETF symbol)"))))

(defun convert-local-function-object (function)
  "The function object of a local function."
  (setf (lambda-function-escapes function) t)
  (convert-mark-holder function)
  (convert-closure-node function))

(defun convert-mark-holder (function)
  (when (lambda-function-holder function)
    (convert-mark-reference (lambda-function-holder function))))
