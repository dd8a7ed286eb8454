;;;; Tests: expressions of which only the truth is wanted, and the jumps that they decide. Mirrors lower/conditions.rs.
;;;;
;;;; What becomes of a test, its OUTCOME, is :VALUE for an i32 on the stack that is zero for false, or a jump.

(in-package :clysm-compiler)

(defstruct (jump (:constructor make-jump (when label &optional mismatch)) (:copier nil))
  "A jump that a test decides."
  when                      ; the truth with which it is made
  label                     ; where it leads
  mismatch)                 ; where it leads with an object on the stack that was not of the type tested for, or NIL;
                            ; what is known of the type where no jump was made is remembered

(defun plain-jump (jump)
  "JUMP without the place for objects of another type."
  (if (jump-mismatch jump)
      (make-jump (jump-when jump) (jump-label jump))
      jump))

(defun inverse-jump (jump)
  "The jump that is made with the other truth."
  (make-jump (not (jump-when jump)) (jump-label jump) (jump-mismatch jump)))

(defun outcome-type (outcome)
  "The type of a block that a test leaves with OUTCOME."
  (if (eq outcome :value) :i32 nil))

(defun lower-decide (outcome)
  "Turns the condition on the stack into the outcome."
  (unless (eq outcome :value)
    (unless (jump-when outcome)
      (op :i32.eqz))
    (code-br-if (jump-label outcome))))

;;; IF

(defun lower-conditional (test then otherwise want)
  "Writes an IF."
  (let* ((check (lower-type-check test))
         ;; The branch in which something is known comes first.
         (sense (or (null check) (type-check-sense check)))
         (first (if sense then otherwise))
         (second (if sense otherwise then)))
    (cond ((and check (eq want :effect) (nil-node-p first) (lower-diverges-p second))
           (lower-guard check second))
          ((and (null check) (eq want :effect) (or (nil-node-p then) (nil-node-p otherwise)))
           (let ((skip (code-block nil))
                 (when (nil-node-p then)))
             (lower-branch test (make-jump when skip))
             (lower-node (if when otherwise then) want)
             (code-end)))
          (t (lower-two-branches test check first second want)))
    (when (eq want :return)
      (op :unreachable))))

(defun want-type (want)
  "The type of a block that an expression leaves with what is wanted of it."
  (case want
    ((:effect :return) nil)
    (:values (eq-ref))
    (t (value-type want))))

(defun lower-two-branches (test check first second want)
  "Writes an IF. The branch FIRST is taken if CHECK finds the type, or without a check if the test is true."
  (let* ((end (code-block (want-type want)))
         (strict (and check (type-check-strict check)))
         (other (if strict nil (code-block nil)))
         (mismatch (if (or check (lower-knows-more-p test)) (code-block (eq-ref)) nil)))
    (if check
        (lower-narrow check mismatch)
        (lower-branch test (make-jump nil other mismatch)))
    (lower-node first want)
    (code-br end)
    (when mismatch
      (code-end)
      (if strict
          (lower-reject check)
          (op :drop)))
    (when other
      (code-end))
    (lower-node second want)
    (code-end)))

(defun lower-narrow (check mismatch)
  "Branches with a variable's value unless it is of a type, which is known from then on."
  (lower-read-variable (type-check-variable check))
  (lower-cast-or (type-check-type check) mismatch)
  (code-set (lower-remember (type-check-variable check) (type-check-type check))))

(defun lower-knows-more-p (test)
  "Whether something is known of a variable when a conjunction is true."
  (and (if-node-p test)
       (nil-node-p (if-node-otherwise test))
       (flet ((knows-p (part)
                (let ((check (lower-type-check part)))
                  (or (and check (type-check-sense check) (not (type-check-strict check)))
                      (lower-knows-more-p part)))))
         (or (knows-p (if-node-test test))
             (knows-p (if-node-then test))))))

;;; The truth as a value, or as a jump

(defun lower-condition (node)
  "Writes a test: an i32 that is zero for false."
  (if (or (if-node-p node)
          (and (let-node-p node)
               (or (lower-or-p node) (if-node-p (let-node-body node)))))
      (lower-materialise (lambda (no) (lower-branch node (make-jump nil no))))
      (lower-node node :condition)))

(defun lower-materialise (jump)
  "Leaves whether the code that the function JUMP writes did not jump to the label that it is called with."
  (let* ((out (code-block :i32))
         (no (code-block nil)))
    (funcall jump no)
    (code-i32 1)
    (code-br out)
    (code-end)
    (code-i32 0)
    (code-end)))

(defun lower-branch (node jump)
  "Jumps if the truth of an expression is the one that the jump is for."
  (typecase node
    (literal-node
     (unless (eq (nil-node-p node) (jump-when jump))
       (code-br (jump-label jump))))
    (if-node (lower-branch-on-if node jump))
    (let-node
     (if (lower-or-p node)
         (lower-branch-on-or (cdr (first (let-node-bindings node))) (if-node-otherwise (let-node-body node))
                             (plain-jump jump))
         (let ((locals (lower-bind-variables (let-node-bindings node))))
           (lower-branch (let-node-body node) jump)
           (lower-release-all locals))))
    (progn-node
     (if (progn-node-nodes node)
         (loop for (part . rest) on (progn-node-nodes node)
               do (if rest
                      (lower-node part :effect)
                      (lower-branch part jump)))
         (lower-branch-otherwise node jump)))
    (t (lower-branch-otherwise node jump))))

(defun lower-branch-otherwise (node jump)
  "The same for an expression that does not consist of tests."
  (let* ((mismatch (jump-mismatch jump))
         (check (and mismatch (lower-type-check node))))
    (if (and check (type-check-sense check) (not (type-check-strict check)))
        (lower-narrow check mismatch)
        (lower-branch-on-call node (plain-jump jump)))))

(defun lower-branch-on-call (node jump)
  "The same for an expression that may be a call of an inline test."
  (let* ((callee (and (call-node-p node) (call-node-callee node)))
         (name (and (eq (first callee) :global) (second callee)))
         (arguments (and callee (call-node-arguments node)))
         (intrinsic (and name (natural-intrinsic name (length arguments)))))
    (cond ((eq (first intrinsic) :not)
           (lower-branch (first arguments) (inverse-jump jump)))
          ((and intrinsic (test-intrinsic-p intrinsic))
           (lower-test-call intrinsic name arguments (node-span node) jump))
          (t
           (lower-node node :condition)
           (lower-decide jump)))))

(defun lower-branch-on-or (first second jump)
  "The same for a disjunction of two expressions."
  (cond ((jump-when jump)
         (lower-branch first jump)
         (lower-branch second jump))
        (t
         (let ((yes (code-block nil)))
           (lower-branch first (make-jump t yes))
           (lower-branch second jump)
           (code-end)))))

(defun lower-branch-on-if (node jump)
  "The same for an IF, which may be a conjunction."
  (let ((test (if-node-test node))
        (then (if-node-then node))
        (otherwise (if-node-otherwise node)))
    (if (and (nil-node-p otherwise) (not (jump-when jump)))
        (progn (lower-branch test jump)
               (lower-branch then jump))
        (let* ((jump (plain-jump jump))
               (out (code-block nil))
               (other (code-block nil)))
          (lower-branch test (make-jump nil other))
          (lower-branch then jump)
          (code-br out)
          (code-end)
          (lower-branch otherwise jump)
          (code-end)))))

(defun lower-or-p (node)
  "Whether a LET is (let ((v a)) (if v v b)) with no other use of V, as the conversion makes (or a b)."
  (let ((bindings (let-node-bindings node))
        (body (let-node-body node)))
    (and bindings
         (null (rest bindings))
         (if-node-p body)
         (let ((variable (car (first bindings))))
           (flet ((reads-it-p (part)
                    (and (local-node-p part) (eq (local-node-variable part) variable))))
             (and (reads-it-p (if-node-test body))
                  (reads-it-p (if-node-then body))
                  (eql (variable-info-reads variable) 2)))))))

;;; Calls of inline tests

(defun lower-test-call (intrinsic name arguments span outcome)
  "Writes a call of an inline function that is a test."
  (destructuring-bind (left &optional right) arguments
    (ecase (first intrinsic)
      (:compare (lower-compare (second intrinsic) left right span outcome))
      (:sign (lower-compare (second intrinsic) left (fixnum-node 0) span outcome))
      (:not-equal (lower-not-equal left right span outcome))
      (:char-equal (lower-char-equal name left right outcome))
      (:eq
       (lower-eq left right)
       (lower-decide outcome))
      (:test
       (lower-type-test (second intrinsic) left)
       (lower-decide outcome))
      ((:eql :endp)
       (cond ((eq outcome :value)
              (lower-materialise
               (lambda (no) (lower-test-call intrinsic name arguments span (make-jump nil no)))))
             ((eq (first intrinsic) :eql) (lower-eql left right outcome))
             (t (lower-endp name left outcome)))))))

(defun lower-not-equal (left right span outcome)
  "Writes /= of two numbers."
  (cond ((eq outcome :value)
         (lower-compare :equal left right span outcome)
         (op :i32.eqz))
        (t (lower-compare :equal left right span (inverse-jump outcome)))))

(defun lower-eql (left right jump)
  "Objects that are not the same are compared by the library, unless the first is a fixnum."
  (if (eq-decides-eql-p left right)
      (progn (lower-eq left right)
             (lower-decide jump))
      (let* ((left (lower-object-local left))
             (right (lower-object-local right))
             (done (code-block nil))
             (yes (if (jump-when jump) (jump-label jump) done))
             (no (if (jump-when jump) done (jump-label jump))))
        (code-get left)
        (code-get right)
        (op :ref.eq)
        (code-br-if yes)
        (code-get left)
        (lower-test-fixnum)
        (code-br-if no)
        (lower-call-runtime "generic-eql"
          (code-get left)
          (code-get right))
        (lower-convert :object :condition)
        (lower-decide jump)
        (code-end)
        (code-release left)
        (code-release right))))

(defun lower-endp (name list jump)
  "A cons is not the end, NIL is, and anything else is the business of the library."
  (let* ((object (lower-object-local list))
         (done (code-block nil))
         (yes (if (jump-when jump) (jump-label jump) done))
         (no (if (jump-when jump) done (jump-label jump))))
    (code-get object)
    (lower-test :cons)
    (code-br-if no)
    (code-get object)
    (lower-nil)
    (op :ref.eq)
    (code-br-if yes)
    (lower-slow name object)
    (lower-convert :object :condition)
    (lower-decide jump)
    (code-end)
    (code-release object)))
