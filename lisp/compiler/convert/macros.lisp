;;;; The macros built into the compiler. Their definitions in lisp/runtime/ mean the same; these exist so that the first library
;;;; files compile, and because expanding such frequent macros by their definitions would cost more than the rest of compiling
;;;; them.

(in-package :clysm-compiler)

(defun convert-built-in-macro (operator form)
  "The node of FORM, whose operator is the macro OPERATOR."
  (case operator
    (:and (convert-and form))
    (:or (convert-or form))
    (:cond (convert-cond form))
    (:when (convert-when form t))
    (:unless (convert-when form nil))
    (:case (convert-case form))
    (:prog1 (convert-prog1 form 0))
    (:prog2 (convert-prog1 form 1))
    (:return (convert-return form))
    (:lambda (convert-closure nil (cdr form) nil))
    (:multiple-value-bind (convert-multiple-value-bind form))
    (:multiple-value-list (convert-multiple-value-list form))
    (:psetq (convert-psetq form))
    (:setf (convert-setf form))
    ((:push :pop :incf :decf) (convert-modify operator form))
    (:do (convert-do-loop form nil))
    (:do* (convert-do-loop form t))
    (:dolist (convert-dolist form))
    (:dotimes (convert-dotimes form))
    (t (convert-definition operator form))))

;;; Conditionals.

(defun convert-and (form)
  (let ((operands (convert-operands form 0 nil)))
    (if (null operands)
        (convert-literal t)
        (let* ((nodes (nreverse (mapcar #'convert-form operands)))
               (node (pop nodes)))
          (dolist (test nodes node)
            (setq node (convert-if-node test node (node-nil))))))))

(defun convert-or (form)
  (let ((operands (convert-operands form 0 nil)))
    (if (null operands)
        (node-nil)
        (let* ((nodes (nreverse (mapcar #'convert-form operands)))
               (node (pop nodes)))
          (dolist (test nodes node)
            (setq node (convert-or-node test node)))))))

(defun convert-or-node (test otherwise)
  "TEST if it is true, else OTHERWISE."
  (let* ((variable (convert-temporary "or"))
         (value (convert-read-local variable))
         (again (convert-read-local variable)))
    (convert-let-node (list (cons variable test))
                      (convert-if-node value again otherwise))))

(defun convert-let-node (bindings body)
  "A let at the current position."
  (make-let-node :span (converter-span *converter*) :bindings bindings :body body))

(defun convert-progn-node (nodes)
  "A sequence at the current position."
  (node-progn nodes (converter-span *converter*)))

(defun convert-global-call-node (function &rest arguments)
  "A call of a standard function that is known to be right: nothing is checked or noted."
  (make-call-node :span (converter-span *converter*) :callee (list :global function) :arguments arguments))

(defun convert-cond (form)
  (let ((converted '()))
    (dolist (clause (convert-operands form 0 nil))
      (unless (consp clause)
        (convert-malformed form "a clause is not a list"))
      (let ((test (convert-form (car clause))))
        (push (cons test (if (cdr clause) (convert-forms (cdr clause)) nil)) converted))
      (when (eq (car clause) t) (return)))
    (let ((node (node-nil)))
      (dolist (clause converted node)
        (let ((test (car clause)) (body (cdr clause)))
          (setq node (cond ((null body) (convert-or-node test node))
                           ((true-literal-p test) body)
                           (t (convert-if-node test body node)))))))))

(defun convert-when (form sense)
  "WHEN, or UNLESS if SENSE is false."
  (let* ((operands (convert-operands form 1 nil))
         (test (convert-form (first operands)))
         (body (convert-sequence (rest operands))))
    (if sense
        (convert-if-node test body (node-nil))
        (convert-if-node test (node-nil) body))))

(defun convert-case (form)
  (let* ((operands (convert-operands form 1 nil))
         (key (convert-form (first operands)))
         (variable (convert-temporary "key"))
         (clauses (let ((converted '()))
                    (do ((rest (rest operands) (cdr rest)))
                        ((null rest) converted)
                      (push (convert-case-clause form (car rest) (null (cdr rest))) converted))))
         (node (node-nil)))
    (dolist (clause clauses)
      (setq node (if (eq (car clause) :otherwise)
                     (cdr clause)
                     (convert-if-node (convert-key-test variable (car clause)) (cdr clause) node))))
    (convert-let-node (list (cons variable key)) node)))

(defun convert-case-clause (form clause last)
  "The keys of CLAUSE, a list or :OTHERWISE, and the node of its body."
  (unless (consp clause)
    (convert-malformed form "a clause is not a list"))
  (let ((keys (car clause)))
    (cons (cond ((and last (or (eq keys t) (eq keys 'otherwise))) :otherwise)
                ((listp keys) (convert-list keys "CASE"))
                (t (list keys)))
          (convert-forms (cdr clause)))))

(defun convert-key-test (variable keys)
  "Whether VARIABLE is EQL to one of KEYS."
  (let ((node (node-nil)))
    (dolist (key (reverse keys) node)
      (let ((test (convert-global-call-node 'eql (convert-read-local variable) (convert-literal key))))
        (setq node (if (nil-literal-p node)
                       test
                       (convert-if-node test (convert-literal t) node)))))))

(defun true-literal-p (node)
  "Whether NODE is a constant other than NIL."
  (and (literal-node-p node)
       (ast-literal-value (literal-node-literal node))
       t))

(defun nil-literal-p (node)
  "Whether NODE is the constant NIL."
  (and (literal-node-p node)
       (null (ast-literal-value (literal-node-literal node)))))

;;; Sequences and values.

(defun convert-prog1 (form which)
  "The value of operand WHICH, after all operands were evaluated in order."
  (let* ((operands (convert-operands form (+ which 1) nil))
         (before (mapcar #'convert-form (subseq operands 0 which)))
         (value (convert-form (nth which operands)))
         (variable (convert-temporary "first"))
         (after (mapcar #'convert-form (nthcdr (+ which 1) operands)))
         (body (convert-progn-node (append after (list (convert-read-local variable))))))
    (convert-progn-node (append before (list (convert-let-node (list (cons variable value)) body))))))

(defun convert-return (form)
  (let ((operands (convert-operands form 0 1)))
    (convert-return-node nil (convert-form (first operands)))))

(defun convert-multiple-value-list (form)
  (let ((operands (convert-operands form 1 1)))
    (make-multiple-value-call-node
     :span (converter-span *converter*)
     :function (make-global-function-node :span (converter-span *converter*) :symbol 'list)
     :arguments (list (convert-form (first operands))))))

;;; Iteration: one tag, reached only backwards.

(defun convert-do-loop (form sequential)
  "DO, or DO* if SEQUENTIAL."
  (let* ((operands (convert-operands form 2 nil))
         (bindings '())
         (names '())
         (steps '()))
    (dolist (specifier (convert-list (first operands) "DO"))
      (let ((parts (if (symbolp specifier) (list specifier) (convert-list specifier "DO"))))
        (unless (and parts (symbolp (first parts)) (<= (length parts) 3))
          (convert-malformed form "a variable specifier is not (symbol init step)"))
        (push (if (cddr parts) (list (first parts) (second parts)) parts) bindings)
        (when (cddr parts)
          (push (first parts) names)
          (push (third parts) steps))))
    (unless (consp (second operands))
      (convert-malformed form "no end test"))
    (setq names (nreverse names)
          steps (nreverse steps))
    (let ((test (car (second operands)))
          (results (cdr (second operands))))
      (convert-iteration
       sequential (nreverse bindings) (cddr operands)
       (lambda (statements)
         (let* ((check (convert-end-check (convert-form test) (lambda () (convert-forms results))))
                (body (convert-tagbody-of statements))
                (step (convert-steps names steps sequential)))
           (list check body step)))))))

(defun convert-end-check (end result)
  "Leaves the loop with what the function RESULT converts when END is true."
  (convert-if-node end (convert-return-node nil (funcall result)) (node-nil)))

(defun convert-steps (names steps sequential)
  (cond (sequential (convert-progn-node (mapcar #'convert-assign names steps)))
        ((null names) (node-nil))
        (t (convert-parallel-assignment names steps))))

(defun convert-dolist (form)
  "(DOLIST (VARIABLE LIST RESULT) . BODY)"
  (multiple-value-bind (variable list result result-p body) (convert-iteration-header form)
    (let ((cursor (context-gensym "list")))
      (convert-iteration
       nil (list (list cursor list)) '()
       (lambda (statements)
         (declare (ignore statements))
         (let* ((check (convert-end-check (convert-form (list 'endp cursor))
                                          (lambda ()
                                            (if result-p (convert-result-with-nil variable result body) (node-nil)))))
                ;; Counting the elements is a use of the loop, if not of the variable.
                (inner (convert-let-with (list (list variable (list 'car cursor)))
                                         (with-declaration 'ignorable variable body)
                                         nil
                                         #'convert-tagbody-of))
                (step (convert-assign cursor (list 'cdr cursor))))
           (list check inner step)))))))

(defun convert-result-with-nil (variable result body)
  "The result form of DOLIST sees the variable bound to NIL. It is in the scope of the declarations of BODY, of which those of types
don't hold for NIL."
  (let ((forms (list result)))
    (dolist (name (declarations-specials (convert-parse-body body nil)))
      (setq forms (with-declaration 'special name forms)))
    (convert-let-with (list (list variable nil))
                      (with-declaration 'ignorable variable forms)
                      nil
                      #'convert-sequence)))

(defun convert-dotimes (form)
  "(DOTIMES (VARIABLE COUNT RESULT) . BODY)"
  (multiple-value-bind (variable count result result-p body) (convert-iteration-header form)
    (let* ((limit (context-gensym "count"))
           (literal (and (integerp count) (<= 0 count most-positive-fixnum)))
           (bindings (list (list variable 0))))
      (unless literal
        (push (list limit count) bindings))
      (convert-iteration
       ;; A counter below a literal limit is a fixnum.
       nil bindings (if literal (with-declaration 'fixnum variable body) body)
       (lambda (statements)
         (let* ((check (convert-end-check (convert-form (list '>= variable (if literal count limit)))
                                          (lambda () (if result-p (convert-form result) (node-nil)))))
                (body (convert-tagbody-of statements))
                (step (convert-assign variable (list '+ variable 1))))
           (list check body step)))))))

(defun with-declaration (declaration variable body)
  "BODY with a further declaration of VARIABLE."
  (cons (list 'declare (list declaration variable)) body))

(defun convert-iteration-header (form)
  "The parts of ((VARIABLE FORM [RESULT]) . BODY): variable, form, result, whether there is one, and body."
  (let* ((operands (convert-operands form 1 nil))
         (header (convert-list (first operands) "iteration")))
    (unless (and header (symbolp (first header)) (<= 2 (length header) 3))
      (convert-malformed form "the header is not (variable form result)"))
    (values (first header) (second header) (third header) (if (cddr header) t nil) (rest operands))))

(defun convert-iteration (sequential bindings body statements)
  "A block NIL around bindings around a tagbody with one tag, at its start and reached by a jump at its end. The function
STATEMENTS makes a list of nodes of the body's forms after its declarations."
  (convert-block-around
   nil
   (lambda ()
     (convert-let-with
      bindings body sequential
      (lambda (forms)
        (let* ((tagbody (ast-add-tagbody (converter-ast *converter*) (converter-function *converter*)))
               (nodes (funcall statements forms))
               (go (make-go-node :span (converter-span *converter*) :tagbody tagbody :segment 1)))
          (make-tagbody-node :span (converter-span *converter*)
                             :tagbody tagbody
                             :segments (list '() (append nodes (list go))))))))))
