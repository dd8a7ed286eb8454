;;;; Toplevel forms (CLHS 3.2.3.1): what happens at compile time, and what is left for the linker.
;;;;
;;;; The scope of toplevel forms holds the local macros of the MACROLET forms around them.

(in-package :clysm-compiler)

(defvar *toplevel-span* nil
  "Where the toplevel form is.")

(defmacro with-toplevel-converter (&body body)
  "Runs BODY with a new converter for the toplevel form."
  `(with-new-converter (*toplevel-span*)
     ,@body))

(defmacro toplevel-converted (kind &body body)
  "The finished form whose node BODY gives. KIND is a list of its kind and of forms, evaluated after BODY, for what belongs to that."
  (let ((node (gensym "NODE")))
    `(with-toplevel-converter
       (let ((,node (progn ,@body)))
         (convert-finish ,node (list ,@kind) *toplevel-span*)))))

(defun compile-toplevel (form)
  "Converts a toplevel form and hands what it gives to the host, in order. If the form, or a part of it, is malformed, the parts
before it have been handed over."
  (let ((*scope* (make-scope))
        (*toplevel-span* (span-of form))
        (nesting (context-nesting *context*))
        (converted (shiftf (context-converted *context*) 0)))
    (unwind-protect (toplevel-dispatch form)
      (setf (context-nesting *context*) nesting
            (context-converted *context*) converted))))

(defun compile-expression (form)
  "Converts an expression whose value is wanted, such as the argument of EVAL."
  (let ((*scope* (make-scope))
        (*toplevel-span* (span-of form)))
    (toplevel-converted (:expression nil)
      (convert-form form))))

(defun toplevel-error (kind &rest arguments)
  "Signals what is wrong with the toplevel form."
  (error 'compile-failure :kind kind :arguments arguments :span *toplevel-span*))

(defun toplevel-form (form)
  (let ((*toplevel-span* (or (span-of form) *toplevel-span*)))
    (toplevel-dispatch form)))

(defun toplevel-name-span (form)
  "Where the name stands that FORM defines: the second element."
  (or (span-of (cdr form)) *toplevel-span*))

(defun toplevel-dispatch (form)
  (with-nesting (*toplevel-span*)
    (toplevel-dispatch-on form)))

(defun toplevel-dispatch-on (form)
  (cond ((not (and (consp form) (symbolp (car form))))
         (toplevel-expression form nil))
        ((convert-operator-binding (car form))
         (toplevel-local-macro form))
        (t (case (names-operator (car form))
             (:progn (toplevel-forms (cdr form)))
             (:eval-when (toplevel-eval-when form))
             (:macrolet (toplevel-macrolet form))
             (:defun (toplevel-defun form))
             (:defmacro (toplevel-defmacro form))
             (:define-raw (toplevel-define-raw form))
             (:defpackage (toplevel-defpackage form))
             ((:defvar :defparameter :defconstant :defglobal)
              (let ((name (second-element form)))
                (toplevel-expression form (if (symbolp name) name nil))))
             ((nil) (toplevel-other (car form) form))
             (t (toplevel-expression form nil))))))

(defun second-element (form)
  "The second element of FORM, NIL if there is none."
  (if (consp (cdr form)) (cadr form) nil))

(defun toplevel-forms (forms)
  (unless (list-length-or-nil forms)
    (toplevel-error :malformed "PROGN" "not a proper list"))
  (mapc #'toplevel-form forms))

(defun toplevel-other (head form)
  "A call of a function, or of a macro that the compiler does not know by heart."
  (toplevel-note-definer head form)
  (if (eq (facts-operator (world-facts head)) :macro)
      (toplevel-form (with-toplevel-converter (convert-expand-global head form)))
      (toplevel-expression form nil)))

(defun toplevel-note-definer (head form)
  "Notes what definers of the library do that later conversions must know."
  (let ((name (second-element form)))
    (when (symbolp name)
      (case head
        ((defsetf define-setf-expander)
         (setf (facts-setf-expander (world-facts-mut name)) t))
        (define-compiler-macro
         (setf (facts-compiler-macro (world-facts-mut name)) t))
        (define-symbol-macro
         (setf (facts-variable (world-facts-mut name))
               (symbol-macro-fact (second-element (cdr form)))))))))

(defun toplevel-local-macro (form)
  "A call of a macro of MACROLET."
  (let ((expander (second (convert-operator-binding (car form)))))
    (toplevel-form (with-toplevel-converter (convert-expand-local form expander)))))

(defun toplevel-eval-when (form)
  "(EVAL-WHEN SITUATIONS . BODY)"
  (unless (consp (cdr form))
    (toplevel-error :malformed "EVAL-WHEN" "no situations"))
  (destructuring-bind (list . body) (cdr form)
    (let ((situations (with-toplevel-converter (convert-situations list))))
      (cond ((host-loads-source *host*)
             (when (member :execute situations)
               (toplevel-forms body)))
            (t (when (and (member :compile-toplevel situations) (list-length-or-nil body))
                 (mapc #'toplevel-evaluate body))
               (when (member :load-toplevel situations)
                 (toplevel-forms body)))))))

(defun toplevel-evaluate (form)
  "Evaluates FORM for its compile-time effect."
  (handler-case (funcall (host-evaluate *host*) (copy-without-spans form))
    (error (condition)
      (toplevel-error :compile-time "evaluation at compile time" (condition-text condition)))))

(defun toplevel-macrolet (form)
  "(MACROLET (DEFINITION ...) . BODY)"
  (with-inner-scope
    (toplevel-forms (with-toplevel-converter (convert-bind-macrolet form)))))

;;; Definitions.

(defun toplevel-defun (definition)
  "(DEFUN NAME LAMBDA-LIST . BODY)"
  (let* ((symbol nil)
         (function nil)
         (form (toplevel-converted (:function symbol function)
                 (multiple-value-bind (node name definition) (convert-defun definition)
                   (setq symbol name
                         function definition)
                   node))))
    (toplevel-record-function symbol function (toplevel-name-span definition))
    (toplevel-hand-over form)
    (toplevel-function-documentation definition symbol)))

(defun toplevel-function-documentation (definition symbol)
  "Hands over the record of the docstring of a DEFUN form, if there is one."
  (let* ((recorded nil)
         (form (toplevel-converted (:expression nil)
                 (let ((node (convert-function-documentation definition symbol)))
                   (setq recorded (and node t))
                   (or node (node-nil))))))
    (when recorded
      (toplevel-hand-over form))))

(defun toplevel-record-function (symbol function span)
  "Notes how SYMBOL's FUNCTION, whose name stands at SPAN, is called."
  (world-set-signature symbol
                       (make-parameter-signature (lambda-function-parameters function) (lambda-function-raw function) span))
  (setf (facts-operator (world-facts-mut symbol)) :function))

(defun toplevel-define-raw (definition)
  "(%DEFINE-RAW NAME PARAMETERS RESULT . BODY)"
  (let* ((symbol nil)
         (function nil)
         (form (toplevel-converted (:raw symbol function)
                 (multiple-value-setq (symbol function) (convert-define-raw definition))
                 (node-nil))))
    (toplevel-record-function symbol function (toplevel-name-span definition))
    (toplevel-hand-over form)))

(defun toplevel-defmacro (definition)
  "(DEFMACRO NAME LAMBDA-LIST . BODY)"
  (let* ((symbol nil)
         (form (toplevel-converted (:macro symbol)
                 (multiple-value-bind (node name) (convert-defmacro definition)
                   (convert-note-macro name)
                   (setq symbol name)
                   node))))
    (unless (host-loads-source *host*)
      (toplevel-evaluate definition))
    (toplevel-hand-over form)))

(defun toplevel-defpackage (form)
  "(DEFPACKAGE NAME OPTION ...): made at compile time, then defined by the library's macro."
  (unless (consp (cdr form))
    (toplevel-error :malformed "DEFPACKAGE" "no name"))
  (let ((name (with-toplevel-converter (convert-designated-string form (second form)))))
    (when (or (not (host-loads-source *host*))
              (not (or (host-follows-packages *host*) (find-package name))))
      (toplevel-evaluate form)))
  ;; The library's packages come with the module's static data.
  (unless (host-library-p *host*)
    (toplevel-expression form nil)))

(defun toplevel-expression (form defines)
  "A form that defines something for the symbol DEFINES, if that is not NIL."
  (toplevel-hand-over (toplevel-converted (:expression defines)
                        (convert-form form))))

(defun toplevel-hand-over (form)
  "Checks a converted form and gives it to the host."
  (when *verify-p*
    (verify (top-form-ast form)))
  (check-form form)
  (handler-case (funcall (host-accept *host*) form)
    (error (condition)
      (error 'compile-failure :kind :toplevel
                              :arguments (list (condition-text condition))
                              :span (top-form-span form)))))
