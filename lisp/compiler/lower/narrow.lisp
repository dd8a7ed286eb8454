;;;; What is known of the types of variables where code is written: each check of a type is made once. Mirrors
;;;; lower/narrow.rs.
;;;;
;;;; A checked reference is kept in a local of the exact type. That local is set wherever Wasm's own rules for locals
;;;; without a default say so: from the check to the end of the construct in which it stands, and in what is nested
;;;; there. The same holds for the knowledge, unless an assignment of the variable ends it.

(in-package :clysm-compiler)

(defstruct (narrowed (:constructor make-narrowed (variable type local construct)) (:copier nil) (:predicate nil))
  "A variable whose value is known to be of a type."
  variable
  type                      ; the GC type
  local                     ; the local with the reference
  construct)                ; the construct in which the check stands

(defstruct (type-check (:constructor make-type-check (variable type sense strict)) (:copier nil) (:predicate nil))
  "A test of a variable's type."
  variable
  type                      ; the GC type
  sense                     ; whether the variable has the type when the test is true, rather than when it is false
  strict)                   ; ENDP, which rejects what is neither a cons nor NIL

;;; What is known

(defun lower-known (node type)
  "The local that holds an expression's value as a reference of TYPE, NIL unless it is known to be one."
  (and (lowerer-narrowed *lowerer*)
       (local-node-p node)
       (dolist (known (lowerer-narrowed *lowerer*) nil)
         (when (and (eq (narrowed-variable known) (local-node-variable node))
                    (eq (narrowed-type known) type)
                    (code-open-p (narrowed-construct known)))
           (return (narrowed-local known))))))

(defun lower-of-type (node type)
  "Writes an expression whose value must be of TYPE; a trap otherwise."
  (let ((known (lower-known node type)))
    (cond (known (code-get known))
          (t
           (lower-object node)
           (lower-cast type)
           (when (and (local-node-p node) (lower-narrowable-p (local-node-variable node)))
             (code-tee (lower-remember (local-node-variable node) type)))))))

(defun lower-narrowable-p (variable)
  "Whether checks of VARIABLE can be remembered, and are worth it."
  (let ((slot (variable-slot variable)))
    (and (consp slot)
         (eq (first slot) :local)
         (eq (third slot) :object)
         (> (variable-info-reads variable) 1))))

(defun lower-remember (variable type)
  "A local for the reference that a check of VARIABLE gives; it must be set at once."
  (lower-forget-closed)
  (let ((local (code-local (ref-to type))))
    (setf (lowerer-narrowed *lowerer*)
          (append (lowerer-narrowed *lowerer*)
                  (list (make-narrowed variable type local (code-construct)))))
    local))

(defmacro lower-forget-if ((known) test)
  "Ends what is known where TEST is true of it, and lets its local be used again."
  `(let ((kept '()))
     (dolist (,known (lowerer-narrowed *lowerer*))
       (if ,test
           (code-release (narrowed-local ,known))
           (push ,known kept)))
     (setf (lowerer-narrowed *lowerer*) (nreverse kept))))

(defun lower-forget-closed ()
  "Ends what is known in constructs that are closed."
  (when (lowerer-narrowed *lowerer*)
    (lower-forget-if (known) (not (code-open-p (narrowed-construct known))))))

(defun lower-forget (variable)
  "Ends what is known of VARIABLE."
  (when (lowerer-narrowed *lowerer*)
    (lower-forget-if (known) (eq (narrowed-variable known) variable))))

(defun lower-forget-assigned (segments)
  "Ends what is known of the variables that are assigned in SEGMENTS, lists of nodes, which may run again."
  (when (lowerer-narrowed *lowerer*)
    (let ((assigned '()))
      (labels ((collect (node)
                 (when (set-local-node-p node)
                   (pushnew (set-local-node-variable node) assigned :test #'eq))
                 (map-children #'collect node)))
        (dolist (segment segments)
          (mapc #'collect segment)))
      (mapc #'lower-forget (sort assigned #'< :key #'variable-info-index)))))

;;; Checks

(defun lower-type-check (test)
  "The type check that the expression TEST is, NIL unless what it finds out can be remembered."
  (typecase test
    (primitive-node
     (and (equal (primitive-operation (primitive-node-op test)) '(:typed :is))
          (lower-check-of (primitive-node-arguments test) (gc-type (primitive-node-immediate-1 test)) t nil)))
    (call-node
     (let ((callee (call-node-callee test))
           (arguments (call-node-arguments test)))
       (and (eq (first callee) :global)
            (lower-call-check (natural-intrinsic (second callee) (length arguments)) arguments))))))

(defun lower-call-check (intrinsic arguments)
  "The type check that a call of an inline function is."
  (case (first intrinsic)
    (:test
     (if (eq (second intrinsic) :atom)
         (lower-check-of arguments :cons nil nil)
         (lower-check-of arguments (test-gc-type (second intrinsic)) t nil)))
    (:endp (lower-check-of arguments :cons nil t))
    (:not
     (let ((check (lower-type-check (first arguments))))
       (and check
            (make-type-check (type-check-variable check) (type-check-type check) (not (type-check-sense check))
                             (type-check-strict check)))))))

(defun lower-check-of (arguments type sense strict)
  "A check of the first of ARGUMENTS, if that is a variable of which something can be remembered."
  (let ((node (first arguments)))
    (and type
         (local-node-p node)
         (lower-narrowable-p (local-node-variable node))
         (make-type-check (local-node-variable node) type sense strict))))

(defun lower-guard (check otherwise)
  "Leaves control only if CHECK finds the type, which is known from then on. The expression OTHERWISE, which is
evaluated if it does not, never ends."
  (let* ((type (type-check-type check))
         (typed (code-block (ref-to type))))
    (lower-read-variable (type-check-variable check))
    (lower-branch-on-cast type typed)
    (lower-reject check)
    (lower-node otherwise :effect)
    (op :unreachable)
    (code-end)
    (code-set (lower-remember (type-check-variable check) type))))

(defun lower-diverges-p (node)
  "Whether control never comes out of an expression at its end."
  (typecase node
    ((or return-from-node go-node throw-node) t)
    (call-node
     (let ((callee (call-node-callee node)))
       (and (eq (first callee) :global) (lower-never-returns-p (second callee)))))
    (progn-node
     (let ((last (last (progn-node-nodes node))))
       (and last (lower-diverges-p (first last)))))
    (let-node (lower-diverges-p (let-node-body node)))
    (if-node
     (and (lower-diverges-p (if-node-then node))
          (lower-diverges-p (if-node-otherwise node))))))

(defun lower-reject (check)
  "Takes the object on the stack that is not of the type."
  (if (type-check-strict check)
      (let ((object (lower-store-object)))
        (code-get object)
        (lower-nil)
        (ops (:ref.eq) (:i32.eqz))
        (code-if nil)
        (lower-slow 'endp object)
        (op :drop)
        (code-end)
        (code-release object))
      (op :drop)))
