;;;; The verifier: what lowering relies on.
;;;;
;;;; - Every variable, function, block, tagbody and LOAD-TIME-VALUE form that is named exists in its arena.
;;;; - A function's parent precedes it in the arena.
;;;; - A variable is referred to only within its owner, or within functions nested in it and then marked as captured.
;;;; - An assigned variable is marked as assigned.
;;;; - An exit stands inside its block or tagbody; one from another function requires the target's token.
;;;; - A GO names a tag that exists.
;;;; - A function that is the value of a closure node is marked as escaping.

(in-package :clysm-compiler)

(defvar *verify-p* nil
  "Whether trees are verified before they are handed over: they are where the compiler is tested.")

;;; What encloses a place in a function: a list of blocks, and of tagbody nodes. The innermost comes first.

(defvar *verified* nil "The tree that is verified.")
(defvar *verified-function* nil "The function of it that is verified.")
(defvar *enclosing* '() "What encloses the node that is verified, in its function.")

(defvar *function-places* nil
  "A hash table that says for each function that a node makes what encloses that node, as (ENCLOSING).")

(defun verify (ast)
  "Checks a form: fails at the first broken invariant."
  (let ((*verified* ast)
        (*function-places* (make-hash-table :test #'eq)))
    (verify-arenas)
    (loop for function across (ast-functions ast)
          do (let ((*enclosing* '()))
               (note-places (lambda-function-body function))))
    (loop for function across (ast-functions ast)
          do (let ((*verified-function* function)
                   (*enclosing* '()))
               (mapc #'verify-reference (parameters-variables (lambda-function-parameters function)))
               (verify-node (lambda-function-body function))))))

(defun verify-failure (control &rest arguments)
  "Signals a broken invariant, which is a defect of the compiler."
  (compile-failure :internal (apply #'format nil control arguments)))

(defun map-enclosed (function node)
  "Calls FUNCTION with the direct subexpressions of NODE, with what encloses them."
  (let ((*enclosing* (typecase node
                       (block-node (cons (block-node-block node) *enclosing*))
                       (tagbody-node (cons node *enclosing*))
                       (t *enclosing*))))
    (map-children function node)))

;;; Arenas

(defun verify-exists (object index arena what)
  "Checks that OBJECT is in the vector ARENA, at INDEX."
  (unless (and (integerp index)
               (< index (length arena))
               (eq object (aref arena index)))
    (verify-failure "~A ~A does not exist" what index)))

(defun verify-variable-exists (variable)
  (verify-exists variable (variable-info-index variable) (ast-variables *verified*) "variable"))

(defun verify-function-exists (function)
  (verify-exists function (lambda-function-index function) (ast-functions *verified*) "function"))

(defun verify-block-exists (block)
  (verify-exists block (block-info-index block) (ast-blocks *verified*) "block"))

(defun verify-tagbody-exists (tagbody)
  (verify-exists tagbody (tagbody-info-index tagbody) (ast-tagbodies *verified*) "tagbody"))

(defun verify-arenas ()
  "Checks what the arenas' entries name."
  (let ((ast *verified*))
    (loop for function across (ast-functions ast)
          do (verify-parent function)
             (when (lambda-function-holder function)
               (verify-variable-exists (lambda-function-holder function))))
    (loop for variable across (ast-variables ast)
          do (verify-function-exists (variable-info-owner variable)))
    (loop for block across (ast-blocks ast)
          do (verify-target (block-info-owner block) (block-info-token block)))
    (loop for tagbody across (ast-tagbodies ast)
          do (verify-target (tagbody-info-owner tagbody) (tagbody-info-token tagbody)))
    (map nil #'verify-function-exists (ast-load-time-values ast))))

(defun verify-parent (function)
  (let ((parent (lambda-function-parent function)))
    (unless (or (null parent)
                (< (lambda-function-index parent) (lambda-function-index function)))
      (verify-failure "function ~D does not come after its parent" (lambda-function-index function)))))

(defun verify-target (owner token)
  "Checks the entry of an exit's target."
  (verify-function-exists owner)
  (when token
    (verify-variable-exists token)))

;;; Where functions stand

(defun note-places (node)
  "Notes what encloses the nodes in NODE that make functions."
  (typecase node
    ;; The functions of FLET and LABELS are made where they are defined, wherever their objects are used.
    (closure-node
     (let ((function (closure-node-function node)))
       (unless (gethash function *function-places*)
         (setf (gethash function *function-places*) (list *enclosing*)))))
    (local-functions-node
     (dolist (function (local-functions-node-functions node))
       (setf (gethash function *function-places*) (list *enclosing*)))))
  (map-enclosed #'note-places node))

;;; Nodes

(defun verify-node (node)
  (typecase node
    (local-node (verify-reference (local-node-variable node)))
    (set-local-node (verify-assignment (set-local-node-variable node)))
    (closure-node (verify-closure (closure-node-function node)))
    (call-node
     (destructuring-bind (kind callee) (call-node-callee node)
       (when (eq kind :local)
         (verify-function-exists callee))))
    (local-functions-node (mapc #'verify-function-exists (local-functions-node-functions node)))
    (let-node
     (dolist (binding (let-node-bindings node))
       (verify-reference (car binding))))
    (multiple-value-bind-node (mapc #'verify-reference (multiple-value-bind-node-variables node)))
    (block-node (verify-block-exists (block-node-block node)))
    (tagbody-node (verify-tagbody-exists (tagbody-node-tagbody node)))
    (return-from-node (verify-return-from (return-from-node-block node)))
    (go-node (verify-go (go-node-tagbody node) (go-node-segment node)))
    (load-time-value-node
     (unless (< (load-time-value-node-index node) (length (ast-load-time-values *verified*)))
       (verify-failure "load-time-value form ~D does not exist" (load-time-value-node-index node)))))
  (map-enclosed #'verify-node node))

(defun verify-reference (variable)
  (verify-variable-exists variable)
  (let ((owner (variable-info-owner variable)))
    (unless (eq owner *verified-function*)
      (unless (function-within owner)
        (verify-failure "variable ~D is used outside its scope" (variable-info-index variable)))
      (unless (variable-info-captured variable)
        (verify-failure "variable ~D is captured but not marked so" (variable-info-index variable))))))

(defun verify-assignment (variable)
  (verify-reference variable)
  (unless (variable-info-assigned variable)
    (verify-failure "variable ~D is assigned but not marked so" (variable-info-index variable))))

(defun verify-closure (function)
  (verify-function-exists function)
  (unless (lambda-function-escapes function)
    (verify-failure "function ~D escapes but is not marked so" (lambda-function-index function))))

;;; Exits

(defun verify-return-from (block)
  (verify-block-exists block)
  (let ((place (verify-exit (block-info-owner block) (block-info-token block) "block")))
    (when (and place (not (member block (first place) :test #'eq)))
      (verify-failure "an exit stands outside its block"))))

(defun verify-go (tagbody segment)
  (verify-tagbody-exists tagbody)
  (let ((place (verify-exit (tagbody-info-owner tagbody) (tagbody-info-token tagbody) "tagbody")))
    (when place
      (let ((node (find-if (lambda (enclosing)
                             (and (tagbody-node-p enclosing) (eq (tagbody-node-tagbody enclosing) tagbody)))
                           (first place))))
        (unless node
          (verify-failure "an exit stands outside its tagbody"))
        ;; Segment 0 precedes the first tag.
        (unless (< 0 segment (length (tagbody-node-segments node)))
          (verify-failure "go to segment ~D, which does not exist" segment))))))

(defun verify-exit (owner token what)
  "What encloses, in the function that owns its target, an exit from the current one, as (ENCLOSING); NIL for code without a place."
  (if (eq owner *verified-function*)
      (list *enclosing*)
      (let ((child (function-within owner)))
        (unless child
          (verify-failure "an exit stands outside its ~A" what))
        (unless token
          (verify-failure "an exit crosses a function, but its ~A has no token" what))
        (gethash child *function-places*))))

(defun function-within (outer)
  "The function that stands in OUTER and is, or contains, the current one; NIL if there is none."
  (do* ((child *verified-function* parent)
        (parent (lambda-function-parent child) (lambda-function-parent child)))
       ((null parent) nil)
    (when (eq parent outer)
      (return child))))
