;;;; LET, LET*, SETQ, PROGV, MULTIPLE-VALUE-BIND and the scopes of declarations.

(in-package :clysm-compiler)

(defun convert-let (form sequential)
  "LET, or LET* if SEQUENTIAL."
  (unless (consp (cdr form))
    (convert-malformed form "no bindings"))
  (convert-let-with (second form) (cddr form) sequential #'convert-sequence))

(defun convert-let-with (bindings body sequential convert)
  "Bindings and declarations around what the function CONVERT makes of the body's forms."
  (convert-list bindings "bindings")
  (multiple-value-bind (declared forms) (convert-parse-body body nil)
    (let ((bindings (mapcar #'convert-binding bindings)))
      (with-inner-scope
        (flet ((inside ()
                 (bind-free-declarations declared (lambda (name) (assoc name bindings :test #'eq)))
                 (funcall convert forms)))
          (if sequential
              (convert-sequential-bindings bindings declared #'inside)
              (convert-parallel-bindings bindings declared #'inside)))))))

(defun convert-binding (binding)
  "(NAME . INIT) for NAME, (NAME) or (NAME INIT)."
  (cond ((symbolp binding)
         (check-bindable binding)
         (cons binding nil))
        ((and (consp binding)
              (symbolp (car binding))
              (member (list-length-or-nil binding) '(1 2)))
         (check-bindable (car binding))
         (cons (car binding) (second binding)))
        (t (compile-failure :malformed "bindings" "neither a symbol nor (symbol form)"))))

(defun convert-constant-p (name)
  (or (null name)
      (eq name t)
      (keywordp name)
      (constant-fact-p (facts-variable (world-facts name)))))

(defun check-bindable (name)
  (when (convert-constant-p name)
    (compile-failure :constant-assignment (qualified-name name))))

(defun convert-bind-lexical (name variable)
  (scope-bind-variable name :lexical variable))

(defun convert-bind-special (name)
  (scope-bind-variable name :special))

(defun convert-bind-special-node (bindings body)
  "Dynamic BINDINGS, (SYMBOL . NODE), around BODY."
  (make-bind-special-node :span (converter-span *converter*) :bindings bindings :body body))

(defun convert-parallel-bindings (bindings declared body)
  (let* ((inits (mapcar (lambda (binding) (convert-form (cdr binding))) bindings))
         (all-special (every (lambda (binding) (convert-binds-dynamically-p (car binding) declared)) bindings))
         (lexical '())
         (dynamic '()))
    (loop for (name) in bindings
          for init in inits
          do (cond ((not (convert-binds-dynamically-p name declared))
                    (push (cons (convert-bind-variable name declared) init) lexical))
                   (all-special
                    (convert-bind-special name)
                    (push (cons name init) dynamic))
                   (t
                    ;; All initial forms are evaluated before any dynamic binding is made.
                    (let ((temporary (convert-temporary "value")))
                      (push (cons temporary init) lexical)
                      (push (cons name (convert-read-local temporary)) dynamic)
                      (convert-bind-special name)))
  (loop for (name . inline-p) in (declarations-inlining declared)
        do (scope-declare-inline name inline-p))))
    (let ((node (funcall body)))
      (when dynamic
        (setq node (convert-bind-special-node (nreverse dynamic) node)))
      (if lexical
          (convert-let-node (nreverse lexical) node)
          node))))

(defun convert-bind-variable (name declared)
  "A new lexical variable, as which NAME is bound."
  (let ((variable (convert-new-variable name
                                        (declarations-representation declared name)
                                        (declarations-vector declared name))))
    (convert-note-variable variable name declared)
    (convert-bind-lexical name variable)
    variable))

(defun convert-sequential-bindings (bindings declared body)
  (let ((bound '()))
    (loop for ((name . init) . later) on bindings
          do (push (cons (convert-form init) (convert-bind-sequentially name declared later)) bound))
    (let ((node (funcall body)))
      (loop for (init . variable) in bound
            do (setq node (if (symbolp variable)
                              (convert-bind-special-node (list (cons variable init)) node)
                              (convert-let-node (list (cons variable init)) node))))
      node)))

(defun convert-bind-sequentially (name declared later)
  "Binds NAME, which the bindings LATER may bind again. Returns the variable, or NAME if it is bound dynamically."
  (cond ((convert-binds-dynamically-p name declared)
         (convert-bind-special name)
         name)
        ((assoc name later :test #'eq)
         ;; A declaration concerns the last binding of its name (CLHS 3.3.4), but a special one all of them here.
         (let ((variable (convert-new-variable name nil nil)))
           (convert-note-variable variable name declared)
           (convert-bind-lexical name variable)
           variable))
        (t (convert-bind-variable name declared))))

(defun bind-free-declarations (declared bound-p)
  "Free declarations (CLHS 3.3.4), which concern the body: references to SPECIAL variables, those for whose names BOUND-P is
false, are dynamic."
  (dolist (name (declarations-specials declared))
    (unless (funcall bound-p name)
      (convert-bind-special name)))
  (loop for (name . inline-p) in (declarations-inlining declared)
        do (scope-declare-inline name inline-p)))

(defun convert-locally (body)
  "A body with declarations: LOCALLY."
  (multiple-value-bind (declared forms) (convert-parse-body body nil)
    (if (or (declarations-specials declared) (declarations-inlining declared))
        (with-inner-scope
          (bind-free-declarations declared (constantly nil))
          (convert-sequence forms))
        (convert-sequence forms))))

;;; Assignment.

(defun convert-setq (form)
  "(SETQ VARIABLE VALUE ...)"
  (let ((operands (convert-operands form 0 nil)) (nodes '()))
    (when (oddp (length operands))
      (convert-malformed form "an odd number of operands"))
    (loop for (name value) on operands by #'cddr
          do (unless (symbolp name)
               (convert-malformed form "a variable is not a symbol"))
             (push (convert-assign name value) nodes))
    (convert-progn-node (nreverse nodes))))

(defun convert-assign (name value)
  "(SETQ NAME VALUE), through symbol macros (SETF expansion VALUE)."
  (let* ((binding (convert-variable-binding name))
         (fact (if binding nil (facts-variable (world-facts name)))))
    (cond ((or (eq (car binding) :symbol-macro) (symbol-macro-fact-p fact))
           ;; Where the expansion is the symbol itself, there is no end to it.
           (with-nesting ((converter-span *converter*))
             (convert-setf-place (second (or binding fact)) value)))
          (t (convert-assign-node name (convert-form value))))))

(defun convert-assign-node (name value)
  "Assigns a variable that is no symbol macro."
  (let ((binding (convert-variable-binding name)))
    (cond ((eq (car binding) :lexical) (convert-write-local (second binding) value))
          (t (unless binding
               (check-bindable name)
               (when (eq (facts-variable (world-facts name)) :unknown)
                 (convert-note-free-variable name)))
             (make-set-special-node :span (converter-span *converter*) :symbol name :value value)))))

;;; MULTIPLE-VALUE-BIND, SYMBOL-MACROLET and PROGV.

(defun convert-multiple-value-bind (form)
  "(MULTIPLE-VALUE-BIND (VARIABLE ...) VALUES-FORM . BODY)"
  (unless (consp (cdr form))
    (convert-malformed form "no variables"))
  (unless (consp (cddr form))
    (convert-malformed form "no values form"))
  (destructuring-bind (names values . body) (cdr form)
    (dolist (name (convert-list names "variables"))
      (unless (symbolp name)
        (convert-malformed form "a variable is not a symbol")))
    (mapc #'check-bindable names)
    (let ((values (convert-form values)))
      (multiple-value-bind (declared forms) (convert-parse-body body nil)
        (with-inner-scope
          (multiple-value-bind (variables dynamic typed) (convert-bind-values names declared)
            (bind-free-declarations declared (lambda (name) (member name names :test #'eq)))
            (let ((node (convert-sequence forms)))
              (when dynamic
                (setq node (convert-bind-special-node dynamic node)))
              (when typed
                (setq node (convert-let-node typed node)))
              (make-multiple-value-bind-node :span (converter-span *converter*)
                                             :variables variables
                                             :values values
                                             :body node))))))))

(defun convert-bind-values (names declared)
  "Binds NAMES to values. Three values: the variables that take these; dynamic bindings to make of them; and bindings of unboxed
variables to make of them."
  (let ((variables '()) (dynamic '()) (typed '()))
    (dolist (name names)
      (let ((variable (convert-new-variable name nil (declarations-vector declared name))))
        (push variable variables)
        (cond ((convert-binds-dynamically-p name declared)
               (push (cons name (convert-read-local variable)) dynamic)
               (convert-bind-special name))
              ((declarations-representation declared name)
               (let ((value (convert-read-local variable)))
                 (push (cons (convert-bind-variable name declared) value) typed)))
              (t (convert-note-variable variable name declared)
                 (convert-bind-lexical name variable)))))
    (values (nreverse variables) (nreverse dynamic) (nreverse typed))))

(defun convert-symbol-macrolet (form)
  "(SYMBOL-MACROLET ((NAME EXPANSION) ...) . BODY)"
  (unless (consp (cdr form))
    (convert-malformed form "no definitions"))
  (let ((declared (convert-parse-body (cddr form) nil)))
    (with-inner-scope
      (dolist (definition (convert-list (second form) "symbol macro definitions"))
        (unless (and (consp definition)
                     (symbolp (car definition))
                     (eql (list-length-or-nil definition) 2))
          (convert-malformed form "a definition is not (symbol expansion)"))
        (check-bindable (first definition))
        (when (convert-binds-dynamically-p (first definition) declared)
          (convert-malformed form "a special variable can't be a symbol macro"))
        (scope-bind-variable (first definition) :symbol-macro (second definition)))
      (convert-locally (cddr form)))))

(defun convert-progv (form)
  "(PROGV SYMBOLS VALUES . BODY)"
  (let* ((operands (convert-operands form 2 nil))
         (symbols (convert-form (first operands)))
         (values (convert-form (second operands))))
    (make-progv-node :span (converter-span *converter*)
                     :symbols symbols
                     :values values
                     :body (convert-sequence (cddr operands)))))
