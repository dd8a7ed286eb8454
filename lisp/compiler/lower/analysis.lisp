;;;; What lowering must know of a whole form before it writes the first function: which variables each function closes
;;;; over, which live in cells, and how each is represented. Mirrors lower/analysis.rs.

(in-package :clysm-compiler)

(defstruct (analysis (:constructor make-analysis (captures cells representations vectors)) (:copier nil) (:predicate nil))
  "The results, in vectors by the index of a function or a variable."
  captures                  ; the free variables of each function, a list in order of index
  cells                     ; whether a variable lives in a cell
  representations           ; each variable's representation
  vectors)                  ; the kind of simple vector that each variable is said to hold, a GC type or NIL

(defvar *analysis* nil "The analysis of the form that is being lowered.")

(declaim (inline captures cell-variable-p representation-of))

(defun captures (function)
  "The free variables of FUNCTION in order."
  (svref (analysis-captures *analysis*) (lambda-function-index function)))

(defun cell-variable-p (variable)
  "Whether VARIABLE lives in a cell."
  (svref (analysis-cells *analysis*) (variable-info-index variable)))

(defun representation-of (variable)
  "How the value of VARIABLE travels."
  (svref (analysis-representations *analysis*) (variable-info-index variable)))

(defun variable-set (variables count)
  "A vector of COUNT flags: which of all variables are among VARIABLES."
  (let ((set (make-array count :initial-element nil)))
    (dolist (variable variables set)
      (setf (svref set (variable-info-index variable)) t))))

(defun analyse (ast)
  "The analysis of the form AST."
  (multiple-value-bind (captures groups) (free-variables (ast-functions ast) (ast-variables ast))
    (let* ((functions (ast-functions ast))
           (variables (ast-variables ast))
           (count (length variables))
           (cells (make-array count :initial-element nil))
           (vectors (make-array count :initial-element nil))
           (*analysis* (make-analysis captures cells (make-array count :initial-element :object) vectors))
           (captured (variable-set (loop for free across captures append free) count))
           (early (variable-set (mapcan #'early-holders groups) count)))
      (loop for variable across variables
            for index of-type fixnum from 0
            do (setf (svref cells index)
                     (and (or (svref early index) (and (variable-info-assigned variable) (svref captured index))) t)
                     (svref vectors index) (variable-info-vector variable)))
      (loop for function across functions do (analysis-represent-parameters function))
      (let ((closed (variable-set (closure-captures functions) count)))
        (loop for function across functions do (analysis-represent (lambda-function-body function) closed)))
      *analysis*)))

(defun early-holders (group)
  "Of a GROUP of local functions, the holders that are closed over by a function object made before theirs: what it holds
can only be a cell. All other functions of the group, and those within them, begin to run when every object is made."
  (loop for (function . later) on group
        when (lambda-function-escapes function)
          nconc (loop for other in later
                      for holder = (lambda-function-holder other)
                      when (and (lambda-function-escapes other) (member holder (captures function) :test #'eq))
                        collect holder)))

(defun analysis-represent-parameters (function)
  "Gives the parameters of FUNCTION the representations that its raw signature names, if it has one."
  (let ((raw (lambda-function-raw function)))
    (when raw
      (loop for variable in (parameters-variables (lambda-function-parameters function))
            for representation in (car raw)
            do (setf (svref (analysis-representations *analysis*) (variable-info-index variable)) representation)))))

(defun analysis-represent (node closed)
  "Chooses the representations of the variables that are bound in NODE. CLOSED tells those that some function object
holds."
  (if (let-node-p node)
      (loop for (variable . init) in (let-node-bindings node)
            do (analysis-represent init closed)
               (analysis-represent-variable variable init closed)
            finally (analysis-represent (let-node-body node) closed))
      (map-children (lambda (child) (analysis-represent child closed)) node)))

(defun analysis-represent-variable (variable init closed)
  "Chooses the representation of VARIABLE, bound by a LET to the value of INIT."
  (let ((index (variable-info-index variable))
        (vectors (analysis-vectors *analysis*)))
    (when (and (local-node-p init) (null (svref vectors index)))
      (setf (svref vectors index) (svref vectors (variable-info-index (local-node-variable init)))))
    (unless (or (svref closed index) (cell-variable-p variable))
      (setf (svref (analysis-representations *analysis*) index) (analysis-choose variable init)))))

(defun analysis-choose (variable init)
  "The representation of VARIABLE, whose first value is that of INIT."
  (or (variable-info-declared variable)
      (let ((natural (natural-of init))
            (explicit (primitive-node-p init))
            (assigned (variable-info-assigned variable)))
        (cond ((or (eq natural :condition) (eq natural :object)) :object)
              ((and (or (eq natural :f32) (eq natural :f64)) (literal-node-p init)) :object)
              ((and (eq natural :fixnum) explicit assigned) :i32)
              ((and assigned (not explicit)) :object)
              (t natural)))))

;;; What functions close over

(defstruct (references (:constructor make-references (function)) (:copier nil) (:predicate nil))
  "What a function refers to directly."
  function                  ; the function itself
  (variables '())           ; the free variables among those it refers to
  (functions '())           ; the functions that it calls or makes
  (groups '()))             ; the groups of local functions in it, each a list

(defun free-variables (functions variables)
  "The free ones among VARIABLES of each of FUNCTIONS, transitively through the local functions it calls, and a list of all groups of
local functions."
  (if (may-close-p functions variables)
      (found-free-variables functions)
      (values (make-array (length functions) :initial-element '()) '())))

(defun may-close-p (functions variables)
  "Whether any of FUNCTIONS may have a free variable: one that others refer to is marked so, but for those that hold function objects."
  (or (some #'variable-info-captured variables)
      (some (lambda (function) (and (lambda-function-escapes function) (lambda-function-holder function)))
            functions)))

(defun found-free-variables (functions)
  "What FREE-VARIABLES returns, found by looking at each function."
  (let* ((count (length functions))
         (free (make-array count))
         (flows (make-array count))
         (groups '()))
    (loop for function across functions
          for index of-type fixnum from 0
          do (let ((references (make-references function)))
               (references-visit references (lambda-function-body function))
               (setf (svref free index) (references-variables references)
                     (svref flows index) (references-functions references)
                     groups (append (references-groups references) groups))))
    (loop while (spread-free-variables functions free flows))
    (dotimes (index count)
      (setf (svref free index) (sort (svref free index) #'< :key #'variable-info-index)))
    (values free groups)))

(defun spread-free-variables (functions free flows)
  "Adds to the variables FREE in each of FUNCTIONS those of the functions it FLOWS to. Whether there was one to add."
  (let ((changed nil))
    (dotimes (index (length functions) changed)
      (let ((function (aref functions index)))
        (dolist (other (svref flows index))
          (dolist (variable (svref free (lambda-function-index other)))
            (when (and (free-variable-p variable function)
                       (not (member variable (svref free index) :test #'eq)))
              (push variable (svref free index))
              (setq changed t))))))))

(defun free-variable-p (variable function)
  "Whether VARIABLE comes from outside FUNCTION. The function's own object is its first parameter."
  (not (or (eq (variable-info-owner variable) function)
           (eq (lambda-function-holder function) variable))))

(defun closure-captures (functions)
  "The variables that the function object of one of FUNCTIONS holds."
  (loop for function across functions
        when (lambda-function-escapes function) append (captures function)))

(defun references-visit (references node)
  "Adds to REFERENCES what NODE refers to."
  (typecase node
    (local-node (references-note-variable references (local-node-variable node)))
    (set-local-node (references-note-variable references (set-local-node-variable node)))
    (return-from-node
     (let ((block (return-from-node-block node)))
       (references-note-token references (block-info-owner block) (block-info-token block))))
    (go-node
     (let ((tagbody (go-node-tagbody node)))
       (references-note-token references (tagbody-info-owner tagbody) (tagbody-info-token tagbody))))
    (closure-node (references-note-function references (closure-node-function node)))
    (call-node
     (let ((callee (call-node-callee node)))
       (when (eq (first callee) :local)
         (references-note-function references (second callee)))))
    ;; The group's own definitions need what the functions close over.
    (local-functions-node
     (push (local-functions-node-functions node) (references-groups references))
     (dolist (function (local-functions-node-functions node))
       (when (lambda-function-escapes function)
         (references-note-flow references function)))))
  (map-children (lambda (child) (references-visit references child)) node))

(defun references-note-variable (references variable)
  (when (free-variable-p variable (references-function references))
    (pushnew variable (references-variables references) :test #'eq)))

(defun references-note-token (references owner token)
  "An exit to a target in the function OWNER needs the TOKEN of that target, unless it is in the same function."
  (when (and token (not (eq owner (references-function references))))
    (references-note-variable references token)))

(defun references-note-flow (references function)
  (pushnew function (references-functions references) :test #'eq))

(defun references-note-function (references function)
  "A function with a holder is reached through that, any other needs what the function closes over."
  (let ((holder (lambda-function-holder function)))
    (cond ((not (and holder (lambda-function-escapes function)))
           (references-note-flow references function))
          ((not (eq function (references-function references)))
           (references-note-variable references holder)))))
