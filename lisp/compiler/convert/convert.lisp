;;;; Forms to AST: macroexpansion, name resolution, and the checks that need no types.

(in-package :clysm-compiler)

(defstruct (converter (:constructor make-converter (ast notes function span)) (:copier nil) (:predicate nil))
  "The state of the conversion of one toplevel form."
  ast
  notes                                 ; what the checks need
  function                              ; the function that is being converted
  (exit-count 0)                        ; how many exits to blocks were converted so far: a block that adds none needs no exit
                                        ; point
  span                                  ; the innermost position, for forms that carry none
  (enclosing nil))                      ; the innermost compound form

(defvar *converter* nil
  "The conversion under way.")

(defmacro with-new-converter ((span) &body body)
  "Runs BODY with a converter with an empty tree, in the current scope."
  (let ((ast (gensym "AST")))
    `(let* ((,ast (new-ast))
            (*converter* (make-converter ,ast (make-notes) (ast-toplevel ,ast) ,span)))
       ,@body)))

(defmacro converting-within ((form span) &body body)
  "Converts, by BODY, a part FORM of the program whose position is SPAN."
  (let ((converter (gensym "CONVERTER")) (outer-form (gensym "FORM")) (outer-span (gensym "SPAN")))
    `(let* ((,converter *converter*)
            (,outer-form (converter-enclosing ,converter))
            (,outer-span (converter-span ,converter)))
       (setf (converter-enclosing ,converter) ,form
             (converter-span ,converter) ,span)
       (prog1 (progn ,@body)
         (setf (converter-enclosing ,converter) ,outer-form
               (converter-span ,converter) ,outer-span)))))

(defun ast-toplevel (ast)
  "The toplevel function."
  (aref (ast-functions ast) 0))

(defun convert-finish (node kind span)
  "The finished form with NODE as its body."
  (let* ((converter *converter*)
         (ast (converter-ast converter))
         (notes (converter-notes converter)))
    (setf (lambda-function-body (ast-toplevel ast)) node)
    (mark-indirect-calls ast)
    (convert-check-local-names)
    (make-top-form :kind kind
                   :ast ast
                   :calls (reverse (notes-calls notes))
                   :free-variables (reverse (notes-free-variables notes))
                   :span span)))

;;; Forms.

(defun convert-form (form)
  "Converts a form in the current lexical environment."
  (cond ((symbolp form) (convert-variable form))
        ((consp form)
         (let ((span (or (span-of form) (converter-span *converter*))))
           (with-nesting (span)
             (converting-within (form span)
               (convert-compound form)))))
        (t (convert-quoted form))))

(defun convert-forms (forms)
  "Converts FORMS into a sequence."
  (convert-sequence (convert-list forms "a body")))

(defun convert-sequence (forms)
  (node-progn (mapcar #'convert-form forms) (converter-span *converter*)))

(defun convert-compound (form)
  (let ((name (car form)))
    (if (not (symbolp name))
        (convert-lambda-call form name)
        (let ((binding (convert-operator-binding name)))
          (case (car binding)
            (:macro (convert-form (convert-expand-local form (second binding))))
            (:function (convert-local-call (second binding) form))
            (t (convert-global-form name form)))))))

(defun convert-global-form (name form)
  "Converts FORM, whose operator NAME has no local meaning."
  (let ((operator (names-operator name)))
    (if operator
        (convert-operator operator form)
        (let ((primitive (find-primitive name)))
          (if primitive
              (convert-primitive primitive form)
              (convert-macro-or-call name form))))))

(defun convert-macro-or-call (name form)
  (let* ((facts (world-facts name))
         ;; A macro may have a compiler macro, too (CLHS 3.2.2.1.3).
         (expansion (if (and (facts-compiler-macro facts) (not (convert-notinline-p name)))
                        (convert-expand-compiler-macro form)
                        form)))
    (cond ((not (eq expansion form)) (convert-form expansion))
          ((eq (facts-operator facts) :macro) (convert-form (convert-expand-global name form)))
          (t (convert-global-call name form)))))

(defun convert-operator (operator form)
  "Converts FORM, whose operator the compiler knows by heart."
  (or (convert-special-operator operator form)
      (convert-built-in-macro operator form)))

;;; Variables.

(defun convert-variable (symbol)
  "A variable reference (CLHS 3.1.2.1.1)."
  (let ((binding (convert-variable-binding symbol)))
    (ecase (car binding)
      (:lexical (convert-read-local (second binding)))
      (:special (convert-special symbol))
      (:symbol-macro (convert-expansion (second binding)))
      ((nil) (convert-global-variable symbol)))))

(defun convert-expansion (expansion)
  "Converts the expansion of a symbol macro, which may be the symbol itself."
  (with-nesting ((converter-span *converter*))
    (convert-form expansion)))

(defun convert-special (symbol)
  (make-special-node :span (converter-span *converter*) :symbol symbol))

(defun convert-global-variable (symbol)
  (if (or (null symbol) (eq symbol t) (keywordp symbol))
      (convert-literal symbol)
      (let ((fact (facts-variable (world-facts symbol))))
        (cond ((symbol-macro-fact-p fact) (convert-expansion (second fact)))
              ((and (known-constant-fact-p fact) (inlinable-p (second fact)))
               (convert-literal (second fact)))
              (t (when (eq fact :unknown)
                   (convert-note-free-variable symbol))
                 (convert-special symbol))))))

(defun inlinable-p (value)
  "Whether a constant's value may stand wherever its name does: objects with identity may not."
  (typecase value
    (integer (typep value '(signed-byte 64)))
    ((or symbol character float) t)
    (t nil)))

(defun convert-literal (value)
  (make-literal-node :span (converter-span *converter*) :literal (make-literal value)))

(defun convert-read-local (variable)
  (convert-mark-reference variable)
  (incf (variable-info-reads variable))
  (make-local-node :span (converter-span *converter*) :variable variable))

(defun convert-write-local (variable value)
  (convert-mark-reference variable)
  (setf (variable-info-assigned variable) t)
  (make-set-local-node :span (converter-span *converter*) :variable variable :value value))

(defun convert-mark-reference (variable)
  (unless (eq (variable-info-owner variable) (converter-function *converter*))
    (setf (variable-info-captured variable) t)))

(defun convert-add-variable (name)
  "A new variable of the current function."
  (ast-add-variable (converter-ast *converter*) name (converter-function *converter*)))

(defun convert-temporary (prefix)
  "A variable of the compiler's own."
  (convert-add-variable (context-gensym prefix)))

;;; The shape of forms.

(defun list-length-or-nil (list)
  "The length of LIST, or NIL if it is no proper list."
  (let ((length 0) (slow list))
    (loop
      (when (atom list) (return (if (null list) length nil)))
      (setq list (cdr list))
      (incf length)
      (when (evenp length)
        (setq slow (cdr slow))
        (when (and (eq list slow) (consp list)) (return nil))))))

(defun convert-list (list what)
  "LIST, which must be a proper list."
  (unless (list-length-or-nil list)
    (compile-failure :malformed what "not a proper list"))
  list)

(defun convert-operands (form min max)
  "The operands of FORM, of which there must be at least MIN and at most MAX, if that is not NIL."
  (let ((count (list-length-or-nil (cdr form))))
    (unless count
      (compile-failure :malformed "form" "not a proper list"))
    (unless (and (>= count min) (or (null max) (<= count max)))
      (convert-malformed form (operand-counts min max count)))
    (cdr form)))

(defun operand-counts (min max got)
  (format nil "it takes ~A operand~:[s~;~], got ~D"
          (cond ((null max) (format nil "at least ~D" min))
                ((eql min max) (format nil "exactly ~D" min))
                (t (format nil "~D to ~D" min max)))
          (eql (or max min) 1)
          got))

(defun convert-malformed (form reason)
  "FORM has the wrong shape."
  (let ((operator (if (consp form) (car form) nil)))
    (compile-failure :malformed (if (symbolp operator) (symbol-name operator) "form") reason)))

;;; Macros.

(defun convert-ask (function what)
  "Calls FUNCTION for what the program does at compile time; what it signals becomes the form's error, whose head the function WHAT
gives."
  (handler-case (funcall function)
    (error (condition)
      (compile-failure :compile-time (funcall what) (condition-text condition)))))

(defun condition-text (condition)
  "TYPE: REPORT, as for conditions that nothing handles."
  (subseq (clysm::%unhandled-text condition) (length "Unhandled ")))

(defun convert-expand (name function)
  "The expansion that FUNCTION makes of a call of the macro NAME."
  (convert-located
   (convert-ask function (lambda () (format nil "expansion of macro ~A" (qualified-name name))))))

(defun convert-expand-global (name form)
  (let ((environment (convert-environment)))
    (convert-expand name (lambda () (clysm::%expand-macro name form environment)))))

(defun convert-expand-local (form expander)
  "The expansion of a call of a local macro."
  (let ((environment (convert-environment)))
    (convert-expand (car form) (lambda () (clysm::%call-expander expander form environment)))))

(defun convert-expand-compiler-macro (form)
  "The expansion of FORM by its compiler macro; FORM itself if that declined."
  (let* ((environment (convert-environment))
         (answer (convert-ask (lambda () (clysm::%expand-compiler-macro form environment))
                              (lambda () "compiler macro"))))
    ;; NIL when the macro declined, and a list of the expansion otherwise.
    (if (consp answer)
        (convert-located (car answer))
        form)))

(defun convert-located (expansion)
  "EXPANSION, which takes the position of the macro call unless it has one of its own."
  (let ((span (converter-span *converter*)))
    (when (and span (consp expansion) (null (span-of expansion)))
      (setf (span-of expansion) span))
    expansion))

(defun convert-environment ()
  "The environment object for macro expanders: entries, innermost first, as MACROEXPAND takes them."
  (let* ((scope *scope*)
         (variables (scope-variables scope))
         (macros (mapcar #'car (remove-if-not (lambda (entry) (eq (second entry) :symbol-macro)) variables)))
         (entries '()))
    (dolist (entry variables)
      (destructuring-bind (name kind &optional value) entry
        ;; A variable matters to expanders only where it hides a symbol macro.
        (cond ((eq kind :symbol-macro)
               (push (list* :symbol-macro name value) entries))
              ((or (member name macros :test #'eq)
                   (symbol-macro-fact-p (facts-variable (world-facts name))))
               (push (list :variable name) entries)))))
    (dolist (entry (scope-operators scope))
      (destructuring-bind (name kind value) entry
        (push (if (eq kind :macro) (list* :macro name value) (list :function name)) entries)))
    (nreverse entries)))

;;; Local functions that are called indirectly.

(defun mark-indirect-calls (ast)
  "Marks the local functions that need a function object because of how they are called."
  (loop for function across (ast-functions ast)
        do (mark-indirect-calls-in (lambda-function-body function))))

(defun mark-indirect-calls-in (node)
  (when (call-node-p node)
    (destructuring-bind (kind callee) (call-node-callee node)
      (when (and (eq kind :local)
                 (not (direct-call-p (make-parameter-signature (lambda-function-parameters callee))
                                     (call-node-arguments node))))
        (setf (lambda-function-escapes callee) t))))
  (map-children #'mark-indirect-calls-in node))
