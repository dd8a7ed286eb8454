;;;; The evaluator: variables, lambda lists and local definitions (CLHS 3.1.2.1.2.1, 3.4.1).

(in-package :clysm)

;;; Declarations

(defun %declared-special (declarations)
  "The variables that DECLARATIONS, DECLARE expressions, make special."
  (let ((names '()))
    (dolist (declaration declarations names)
      (dolist (specifier (cdr declaration))
        (when (and (consp specifier) (eq (car specifier) 'special))
          (setq names (append (cdr specifier) names)))))))

(defun %with-specials (names env)
  "ENV where free references to NAMES mean the dynamic variables."
  (dolist (name names env)
    (push (list :variable name :special) env)))

(defun %special-here-p (name specials)
  (or (member name specials) (%global-special-p name)))

(defun %check-binding-name (name)
  (unless (and (symbolp name) (not (%constant-variable-p name)))
    (%program-error "~S can't be bound as a variable" name))
  name)

(defun %bind-name (name frame env specials)
  "Three values: ENV with NAME bound, the index of the frame element that gets its value, and the symbol when it is special."
  (%check-binding-name name)
  (let ((index (%frame-slot frame)))
    (if (%special-here-p name specials)
        (values (cons (list :variable name :special) env) index name)
        (values (cons (list :variable name frame index) env) index nil))))

(defun %body-evaluator (forms env frame exits)
  "The node of an implicit PROGN."
  (cond ((null forms) (%constant-node nil))
        ((null (cdr forms)) (%evaluator (car forms) env frame exits))
        (t (%progn-evaluator forms env frame exits))))

;;; LET and LET*.  Their frame is made by the node; elements of special variables only hold the value until it is bound.

(defun %binding-parts (binding)
  "Two values: the variable and the initial form of a LET binding."
  (cond ((symbolp binding) (values binding nil))
        ((and (consp binding) (listp (cdr binding)) (null (cddr binding)))
         (values (car binding) (cadr binding)))
        (t (%program-error "~S is no binding of a variable" binding))))

(defun %new-frame (size parent)
  (let ((vector (%array-new simple-vector (%i32 size) nil)))
    (%array-set simple-vector vector 0 parent)
    vector))

(defun %bind-specials-node (specials body)
  "A node that binds the symbols of the alist SPECIALS, symbol and index in the frame, around BODY."
  (if (null specials)
      body
      (let ((symbols (mapcar #'car specials))
            (indices (mapcar #'cdr specials)))
        (%node (f)
          (progv symbols (mapcar (lambda (index) (%frame-ref f index)) indices)
            (%run body f))))))

(define-evaluator let (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (let* ((inner (%inner-frame frame))
           (declared (%declared-special declarations))
           (body-env env)
           (nodes '())
           (specials '()))
      (dolist (binding (cadr form))
        (multiple-value-bind (name init) (%binding-parts binding)
          (push (%evaluator init env frame nil) nodes)
          (multiple-value-bind (extended index special) (%bind-name name inner body-env declared)
            (setq body-env extended)
            (when special (push (cons special index) specials)))))
      (setq nodes (nreverse nodes))
      (let ((body (%bind-specials-node (nreverse specials)
                                       (%body-evaluator forms (%with-specials declared body-env) inner exits))))
        (%let-node nodes body (%frame-size inner))))))

(defun %let-node (nodes body size)
  (case (length nodes)
    (1 (%with-arguments 1 nodes (f a)
         (let ((inner (%new-frame size f)))
           (%array-set simple-vector inner 1 a)
           (%run body inner))))
    (2 (%with-arguments 2 nodes (f a b)
         (let ((inner (%new-frame size f)))
           (%array-set simple-vector inner 1 a)
           (%array-set simple-vector inner 2 b)
           (%run body inner))))
    (t (let ((nodes (coerce nodes 'simple-vector)))
         (%node (f)
           (let ((inner (%new-frame size f)))
             (dotimes (i (%array-length simple-vector nodes))
               (%frame-set inner (+ i 1) (%run (%array-ref simple-vector nodes (%i32 i)) f)))
             (%run body inner)))))))

(defun %store-then (index node next)
  "A node that stores the value of NODE in the frame and runs NEXT."
  (%node (f)
    (%frame-set f index (%run node f))
    (%run next f)))

(defun %bind-special-then (symbol index next)
  "A node that binds SYMBOL to what the frame has at INDEX around NEXT."
  (let ((symbols (list symbol)))
    (%node (f)
      (progv symbols (list (%frame-ref f index))
        (%run next f)))))

(defun %chain (steps body)
  "A node that does STEPS, functions that make a node from the one that follows, the last first, and then BODY."
  (dolist (step steps body)
    (setq body (funcall step body))))

(define-evaluator let* (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (let ((inner (%inner-frame frame))
          (declared (%declared-special declarations))
          (steps '()))
      (dolist (binding (cadr form))
        (multiple-value-bind (name init) (%binding-parts binding)
          (let ((node (%evaluator init env inner nil)))
            (multiple-value-bind (extended index special) (%bind-name name inner env declared)
              (setq env extended)
              (push (lambda (next) (%store-then index node next)) steps)
              (when special
                (push (lambda (next) (%bind-special-then special index next)) steps))))))
      (let ((node (%chain steps (%body-evaluator forms (%with-specials declared env) inner exits)))
            (size (%frame-size inner)))
        (%node (f) (%run node (%new-frame size f)))))))

(define-evaluator locally (form env frame exits)
  (multiple-value-bind (forms declarations) (%parse-body (cdr form) nil)
    (%body-evaluator forms (%with-specials (%declared-special declarations) env) frame exits)))

;;; Lambda expressions

(defun %lambda-evaluator (name expression env frame)
  "The node that makes the function of the lambda expression EXPRESSION, called NAME."
  (unless (and (consp (cdr expression)) (listp (cadr expression)))
    (%program-error "The lambda expression ~S has no lambda list" expression))
  (multiple-value-bind (forms declarations) (%parse-body (cddr expression) t)
    (multiple-value-bind (required optional rest-p rest key-p keys allow aux whole environment)
        (%split-lambda-list (cadr expression))
      (when (or whole environment)
        (%program-error "~S is a macro lambda list" (cadr expression)))
      (let ((inner (%inner-frame frame))
            (declared (%declared-special declarations)))
        (if (and (null optional) (not rest-p) (not key-p) (null aux) (<= (length required) 4)
                 (notany (lambda (variable) (%special-here-p variable declared)) required))
            (%simple-lambda name required forms declared env inner)
            (%general-lambda name required optional (and rest-p (list rest)) key-p keys allow aux
                             forms declared env inner))))))

(defmacro %frame-lambda (name body size frame count)
  "A function of COUNT arguments that runs BODY in a new frame of them."
  (let ((parameters (mapcar (lambda (i) (declare (ignore i)) (gensym)) (%iota count)))
        (index 0))
    `(%named-function-object
      ,name
      (lambda ,parameters
        (let ((inner (%new-frame ,size ,frame)))
          ,@(mapcar (lambda (parameter) `(%array-set simple-vector inner ,(setq index (+ index 1)) ,parameter))
                    parameters)
          (%run ,body inner))))))

(defun %named-function-object (name function)
  (when name (%set function name function name))
  ;; There are only a few lambda expressions that all functions of the evaluator are closures of.
  (let ((code (%get function code function)))
    (unless (%memq code *%evaluated-codes*)
      (push code *%evaluated-codes*)))
  function)

(defun %simple-lambda (name required forms declared env inner)
  "A function of a few required parameters, none of them special."
  (dolist (variable required)
    (setq env (%bind-name variable inner env nil)))
  (let* ((body (%body-evaluator forms (%with-specials declared env) inner nil))
         (size (%frame-size inner)))
    (case (length required)
      (0 (%node (f) (%frame-lambda name body size f 0)))
      (1 (%node (f) (%frame-lambda name body size f 1)))
      (2 (%node (f) (%frame-lambda name body size f 2)))
      (3 (%node (f) (%frame-lambda name body size f 3)))
      (t (%node (f) (%frame-lambda name body size f 4))))))

;;; The general case: the arguments are first laid out in the frame as they come, *MISSING* where one is not
;;; supplied; then steps in the order of the lambda list fill in defaults and bind special parameters.

(defglobal *missing* (list :missing))

(defstruct (%parameters (:constructor %make-parameters (name required optional rest keys allow)) (:copier nil)
                        (:predicate nil))
  name
  required                  ; counts
  optional
  rest                      ; index in the frame or NIL
  keys                      ; alist keyword -> index; T without &KEY
  allow)

(defun %default-then (index node supplied-index next)
  "A node that fills in the default of the parameter at INDEX when it is missing and tells the supplied-p element."
  (%node (f)
    (let ((missing (eq (%frame-ref f index) *missing*)))
      (when missing (%frame-set f index (%run node f)))
      (when supplied-index (%frame-set f supplied-index (not missing))))
    (%run next f)))

(defun %general-lambda (name required optional rest key-p keys allow aux forms declared env inner)
  (let ((steps '())
        (key-indices '())
        (rest-index nil)
        (layout '()))
    ;; The arguments' elements come first and in order; names are bound in the order of evaluation.
    (dotimes (i (+ (length required) (length optional)))
      (push (%frame-slot inner) layout))
    (setq layout (nreverse layout))
    (labels ((bind (variable index)
               (%check-binding-name variable)
               (cond ((%special-here-p variable declared)
                      (push (list :variable variable :special) env)
                      (push (lambda (next) (%bind-special-then variable index next)) steps))
                     (t (push (list :variable variable inner index) env))))
             (bind-defaulted (parameter variable index)
               (multiple-value-bind (initial supplied supplied-p) (%optional-parts parameter nil)
                 (let ((node (%evaluator initial env inner nil))
                       (supplied-index (if supplied-p (%frame-slot inner) nil)))
                   (push (lambda (next) (%default-then index node supplied-index next)) steps)
                   (bind variable index)
                   (when supplied-p (bind supplied supplied-index))))))
      (dolist (variable required)
        (bind variable (pop layout)))
      (dolist (parameter optional)
        (bind-defaulted parameter (if (consp parameter) (car parameter) parameter) (pop layout)))
      (when rest
        (setq rest-index (%frame-slot inner))
        (bind (car rest) rest-index))
      (dolist (parameter keys)
        (multiple-value-bind (keyword variable) (%key-parameter-name parameter)
          (let ((index (%frame-slot inner)))
            (push (cons keyword index) key-indices)
            (bind-defaulted parameter variable index))))
      (dolist (binding aux)
        (multiple-value-bind (variable init) (%binding-parts binding)
          (let ((node (%evaluator init env inner nil)) (index (%frame-slot inner)))
            (push (lambda (next) (%store-then index node next)) steps)
            (bind variable index)))))
    (let* ((body (%chain steps (%body-evaluator forms (%with-specials declared env) inner nil)))
           (size (%frame-size inner))
           (parameters (%make-parameters name (length required) (length optional) rest-index
                                         (if key-p (nreverse key-indices) t) allow)))
      (%node (f)
        (%named-function-object
         name
         (lambda (&rest arguments)
           (let ((inner (%new-frame size f)))
             (%lay-out arguments inner parameters)
             (%run body inner))))))))

(defun %argument-count-error (arguments parameters)
  (%program-error "~@[~S: ~]~:[too few~;too many~] arguments: ~S" (%parameters-name parameters)
                  (>= (length arguments) (%parameters-required parameters)) arguments))

(defun %lay-out (arguments frame parameters)
  "Puts ARGUMENTS into the elements of FRAME that PARAMETERS says."
  (let ((rest arguments)
        (required (%parameters-required parameters))
        (optional (%parameters-optional parameters))
        (keys (%parameters-keys parameters)))
    (dotimes (i required)
      (when (null rest) (%argument-count-error arguments parameters))
      (%frame-set frame (+ i 1) (car rest))
      (setq rest (cdr rest)))
    (dotimes (i optional)
      (%frame-set frame (+ required i 1) (if rest (car rest) *missing*))
      (setq rest (cdr rest)))
    (when (%parameters-rest parameters)
      (%frame-set frame (%parameters-rest parameters) rest))
    (cond ((listp keys) (%lay-out-keys rest frame keys parameters))
          ((and rest (not (%parameters-rest parameters)))
           (%argument-count-error arguments parameters)))))

(defun %lay-out-keys (arguments frame keys parameters)
  (dolist (key keys)
    (%frame-set frame (cdr key) *missing*))
  (let ((unknown nil) (allow nil) (allow-seen nil))
    (do ((rest arguments (cddr rest)))
        ((null rest))
      (unless (consp (cdr rest))
        (%program-error "~@[~S: ~]odd number of keyword arguments: ~S" (%parameters-name parameters) arguments))
      (let ((key (%assq (car rest) keys)))
        (when (and (eq (car rest) :allow-other-keys) (not allow-seen))
          (setq allow (cadr rest)
                allow-seen t))
        (cond ((and key (eq (%frame-ref frame (cdr key)) *missing*))
               (%frame-set frame (cdr key) (cadr rest)))
              ((and (null key) (not (eq (car rest) :allow-other-keys)))
               (setq unknown rest)))))
    (when (and unknown (not allow) (not (%parameters-allow parameters)))
      (%program-error "~@[~S: ~]unknown keyword argument ~S; known are ~S" (%parameters-name parameters)
                      (car unknown) (mapcar #'car keys)))))

;;; Local functions and macros

(defun %local-function-expression (definition)
  "The lambda expression of a FLET or LABELS definition, with its implicit block."
  (unless (and (consp definition) (consp (cdr definition)))
    (%program-error "~S is no definition of a local function" definition))
  (multiple-value-bind (forms declarations) (%parse-body (cddr definition) t)
    `(lambda ,(cadr definition)
       ,@declarations
       (block ,(%block-name (car definition)) ,@forms))))

(defun %local-functions-node (nodes body size outer-p)
  "A node that fills a new frame with the functions of NODES, which see the outer frame when OUTER-P, and runs BODY."
  (let ((nodes (coerce nodes 'simple-vector)))
    (%node (f)
      (let ((inner (%new-frame size f)))
        (dotimes (i (%array-length simple-vector nodes))
          (%frame-set inner (+ i 1) (%run (%array-ref simple-vector nodes (%i32 i)) (if outer-p f inner))))
        (%run body inner)))))

(defun %bind-functions (definitions inner env)
  (dolist (definition definitions env)
    (push (list :function (car definition) inner (%frame-slot inner)) env)))

(define-evaluator flet (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (let* ((inner (%inner-frame frame))
           (nodes (mapcar (lambda (definition)
                            (%lambda-evaluator (car definition) (%local-function-expression definition) env frame))
                          (cadr form)))
           (body-env (%with-specials (%declared-special declarations) (%bind-functions (cadr form) inner env)))
           (body (%body-evaluator forms body-env inner exits)))
      (%local-functions-node nodes body (%frame-size inner) t))))

(define-evaluator labels (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (let* ((inner (%inner-frame frame))
           (function-env (%bind-functions (cadr form) inner env))
           (nodes (mapcar (lambda (definition)
                            (%lambda-evaluator (car definition) (%local-function-expression definition)
                                               function-env inner))
                          (cadr form)))
           (body (%body-evaluator forms (%with-specials (%declared-special declarations) function-env) inner exits)))
      (%local-functions-node nodes body (%frame-size inner) nil))))

(defun %macrolet-environment (definitions env)
  "ENV with the local macros of DEFINITIONS."
  (let ((inner env))
    (dolist (definition definitions inner)
      (unless (and (consp definition) (consp (cdr definition)))
        (%program-error "~S is no definition of a local macro" definition))
      (push (list* :macro (car definition)
                   (%eval-in-env (%parse-macro (car definition) (cadr definition) (cddr definition)) env))
            inner))))

(define-evaluator macrolet (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (%body-evaluator forms
                     (%with-specials (%declared-special declarations) (%macrolet-environment (cadr form) env))
                     frame exits)))

(defun %symbol-macrolet-environment (definitions specials env)
  "ENV with the local symbol macros of DEFINITIONS; SPECIALS are declared so in the body."
  (dolist (definition definitions env)
    (let ((name (car definition)))
      (when (or (%special-here-p name specials) (%constant-variable-p name))
        (%program-error "~S is special or constant and can't be a symbol macro" name))
      (push (list* :symbol-macro name (cadr definition)) env))))

(define-evaluator symbol-macrolet (form env frame exits)
  (%check-form form 1 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cddr form) nil)
    (let ((specials (%declared-special declarations)))
      (%body-evaluator forms
                       (%with-specials specials (%symbol-macrolet-environment (cadr form) specials env))
                       frame exits))))
