;;;; The special operators (CLHS 3.1.2.1.2.1).

(in-package :clysm-compiler)

(defun convert-special-operator (operator form)
  "The node of FORM; NIL when the OPERATOR is a macro."
  (case operator
    (:block (convert-block form))
    (:catch (convert-catch form))
    (:eval-when (convert-eval-when form))
    (:flet (convert-local-functions form nil))
    (:function (convert-function form))
    (:go (convert-go form))
    (:if (convert-if form))
    (:labels (convert-local-functions form t))
    (:let (convert-let form nil))
    (:let* (convert-let form t))
    (:load-time-value (convert-load-time-value form))
    (:locally (convert-locally (cdr form)))
    (:macrolet (convert-macrolet form))
    (:multiple-value-call (convert-multiple-value-call form))
    (:multiple-value-prog1 (convert-multiple-value-prog1 form))
    (:progn (convert-forms (cdr form)))
    (:progv (convert-progv form))
    (:quote (convert-quoted (first (convert-operands form 1 1))))
    (:return-from (convert-return-from form))
    (:setq (convert-setq form))
    (:symbol-macrolet (convert-symbol-macrolet form))
    (:tagbody (convert-tagbody form))
    (:the (convert-the form))
    (:throw (convert-throw form))
    (:unwind-protect (convert-unwind-protect form))
    (t nil)))

(defun convert-if (form)
  "(IF TEST THEN [OTHERWISE])"
  (let* ((operands (convert-operands form 2 3))
         (test (convert-form (first operands)))
         (then (convert-form (second operands))))
    (convert-if-node test then (if (cddr operands) (convert-form (third operands)) (node-nil)))))

(defun convert-if-node (test then otherwise)
  (make-if-node :span (converter-span *converter*) :test test :then then :otherwise otherwise))

(defun convert-function (form)
  "(FUNCTION NAME) or (FUNCTION (LAMBDA LAMBDA-LIST . BODY))"
  (let ((name (first (convert-operands form 1 1))))
    (if (and (consp name) (eq (car name) 'lambda))
        (convert-closure nil (cdr name) nil)
        (let* ((symbol (values (convert-function-name name)))
               (binding (convert-operator-binding symbol)))
          (case (car binding)
            (:function (convert-local-function-object (second binding)))
            (:macro (convert-malformed form "the name of a local macro"))
            (t (convert-check-supported symbol)
               (convert-note-reference symbol)
               (make-global-function-node :span (converter-span *converter*) :symbol symbol)))))))

(defun convert-eval-when (form)
  "EVAL-WHEN that is not at toplevel: a PROGN when :EXECUTE is among the situations (CLHS 3.2.3.1)."
  (let ((operands (convert-operands form 1 nil)))
    (if (member :execute (convert-situations (first operands)))
        (convert-sequence (rest operands))
        (node-nil))))

(defun convert-the (form)
  "Declarations about values are trusted nowhere: THE adds no check and promises nothing."
  (convert-form (second (convert-operands form 2 2))))

(defun convert-load-time-value (form)
  "(LOAD-TIME-VALUE FORM [READ-ONLY-P])"
  (convert-load-time (first (convert-operands form 1 2))))

(defun convert-load-time (form)
  "The value that FORM has when the code is loaded."
  (let* ((outer *converter*)
         (ast (converter-ast outer))
         (function (ast-add-function ast nil nil)))
    (setf (lambda-function-body function)
          (let ((*scope* (make-scope))
                (*converter* (make-converter ast (converter-notes outer) function (converter-span outer))))
            (convert-form form)))
    (make-load-time-value-node :span (converter-span outer)
                               :index (vector-push-extend function (ast-load-time-values ast)))))

(defun convert-macrolet (form)
  "(MACROLET (DEFINITION ...) . BODY)"
  (with-inner-scope
    (convert-locally (convert-bind-macrolet form))))

(defun convert-bind-macrolet (form)
  "Binds the macros of a MACROLET form and returns its body."
  (unless (consp (cdr form))
    (convert-malformed form "no definitions"))
  (let ((expanders (mapcar (lambda (definition) (convert-local-expander form definition))
                           (convert-list (second form) "macro definitions"))))
    (loop for expander in expanders
          for definition in (second form)
          do (scope-bind-operator (car definition) :macro expander))
    (cddr form)))

(defun convert-local-expander (form definition)
  "The macro function for a DEFINITION of FORM, (NAME LAMBDA-LIST . BODY)."
  (unless (and (consp definition) (symbolp (car definition)))
    (convert-malformed form "a definition is not (name lambda-list . body)"))
  (let ((environment (convert-environment)))
    (convert-ask (lambda () (clysm::%make-expander (copy-without-spans definition) environment))
                 (lambda () (format nil "definition of local macro ~A" (qualified-name (car definition)))))))

(defun convert-multiple-value-call (form)
  "(MULTIPLE-VALUE-CALL FUNCTION ARGUMENT ...)"
  (let* ((operands (convert-operands form 1 nil))
         (function (convert-form (first operands))))
    (make-multiple-value-call-node :span (converter-span *converter*)
                                   :function function
                                   :arguments (mapcar #'convert-form (rest operands)))))

(defun convert-multiple-value-prog1 (form)
  "(MULTIPLE-VALUE-PROG1 FIRST . REST)"
  (let* ((operands (convert-operands form 1 nil))
         (first (convert-form (first operands))))
    (make-multiple-value-prog1-node :span (converter-span *converter*)
                                    :first first
                                    :rest (convert-sequence (rest operands)))))
